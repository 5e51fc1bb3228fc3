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
    const file = event.dataTransfer?.files[0];
    if (file) void takeFile(file);
  });
  addEventListener('paste', (event) => {
    const target = event.target as HTMLElement | null;
    if (target?.closest('input, textarea')) return;
    const file = event.clipboardData?.files[0];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (file) void takeFile(file);
    else if (text.trim() !== '') void openStructures(text, 'pasted text');
  });
}

/** Opens a file by what it is: a model by its name or its first bytes, else a structure. */
export async function takeFile(file: File): Promise<void> {
  const isModel = /\.(model|pt|pth|safetensors|ckpt)$/i.test(file.name) || (await beginsAsArchive(file));
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
  const bytes = await bytesOf(file);
  if (bytes) await openStructures(bytes, file.name);
}

/** PyTorch's files are zip archives; structures that are compressed are gzip. */
async function beginsAsArchive(file: File): Promise<boolean> {
  const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return a === 0x50 && b === 0x4b;
}

async function bytesOf(file: File): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    notice(
      'structure',
      'error',
      `${file.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
