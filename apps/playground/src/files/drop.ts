/** Files that are dropped into the page or chosen: structures, or models of mace-torch and of our format. */
import { notice } from '../actions/notices.js';
import { openModel, openStructures } from '../actions/open.js';
import { largestFile } from '../engine/limits.js';
import { goToWork } from '../routes.js';

/** Takes files that are dropped anywhere on the page, and what is pasted into it outside of a field; the workplace shows them. */
export function followDrops(): void {
  const mark = (isOver: boolean): void => void document.querySelector('#main')?.classList.toggle('dropping', isOver);
  addEventListener('dragover', (event) => {
    // Else the browser would leave the page for the file.
    event.preventDefault();
    mark(true);
  });
  addEventListener('dragleave', () => mark(false));
  addEventListener('drop', (event) => {
    mark(false);
    const { files, text } = contentOf(event.dataTransfer);
    if (files.length === 0 && isField(event)) return;
    event.preventDefault();
    void take(files, text, 'dropped text');
  });
  addEventListener('paste', (event) => {
    const { files, text } = contentOf(event.clipboardData);
    if (!isField(event)) void take(files, text, 'pasted text');
  });
}

function isField({ target }: Event): boolean {
  return target instanceof Element && target.closest('input, textarea') !== null;
}

function contentOf(data: DataTransfer | null): { readonly files: readonly File[]; readonly text: string } {
  return { files: Array.from(data?.files ?? []), text: data?.getData('text/plain') ?? '' };
}

async function take(files: readonly File[], text: string, name: string): Promise<void> {
  if (files.length === 0 && text.trim() === '') return;
  goToWork();
  if (files.length > 0) await takeFiles(files);
  else await openStructures(text, name);
}

/** Opens the first of some files, and says so of the others. */
async function takeFiles(files: readonly File[]): Promise<void> {
  const [first, ...others] = files;
  if (first) await takeFile(first);
  if (others.length > 0)
    notice('structure', 'note', `Only ${first!.name} of ${files.length} files was taken. Drop one at a time.`);
}

/** Opens a file by what it is: a model by its name or its first bytes, else a structure. */
export async function takeFile(file: File): Promise<void> {
  const begin = await bytesOf(file.slice(0, 2), file.name);
  if (!begin) return;
  // PyTorch's files are zip archives; structures that are compressed are gzip.
  const isModel = /\.(model|pt|pth|safetensors|ckpt)$/i.test(file.name) || (begin[0] === 0x50 && begin[1] === 0x4b);
  if (isModel) {
    await openModel({ kind: 'file', file, name: file.name });
    return;
  }
  if (file.size > largestFile) {
    notice(
      'structure',
      'error',
      `${file.name}: ${megabytes(file.size)} are more than this page reads (${megabytes(largestFile)}). Take a part of it, or use the command line.`,
    );
    return;
  }
  const bytes = await bytesOf(file, file.name);
  if (bytes) await openStructures(bytes, file.name);
}

async function bytesOf(content: Blob, name: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await content.arrayBuffer());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notice('structure', 'error', `${name} cannot be read: is it a folder, or gone? Drop a file. (${why})`);
    return null;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
