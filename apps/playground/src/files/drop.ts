/** Files that are dropped into the page or chosen: structures, or models of mace-torch and of our format. */
import { notice } from '../actions/notices.js';
import { openModel, openStructures } from '../actions/open.js';
import { largestFile } from '../engine/limits.js';

/** Takes files that are dropped on an element, and text that is pasted into the page outside of a field. */
export function takesDrops(element: HTMLElement | null): void {
  if (!element || element.dataset['drops']) return;
  element.dataset['drops'] = 'yes';
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    element.classList.add('dropping');
  });
  element.addEventListener('dragleave', () => element.classList.remove('dropping'));
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    element.classList.remove('dropping');
    void takeFiles(event.dataTransfer?.files ?? []);
  });
  addEventListener('paste', (event) => {
    const target = event.target as HTMLElement | null;
    if (target?.closest('input, textarea')) return;
    const files = event.clipboardData?.files ?? [];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (files.length > 0) void takeFiles(files);
    else if (text.trim() !== '') void openStructures(text, 'pasted text');
  });
}

/** Opens the first of some files, and says so of the others. */
async function takeFiles(files: ArrayLike<File>): Promise<void> {
  const [first, ...others] = Array.from(files);
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
