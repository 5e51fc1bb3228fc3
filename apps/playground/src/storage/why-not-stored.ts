/** Why a browser does not keep something, in words for people. */

export function whyNotStored(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  if (cause instanceof DOMException && cause.name === 'QuotaExceededError')
    return 'the storage that the browser lets this page have is full. Delete kept models under Model, or free room on the disk';
  if (!isSecureContext) return `browsers keep nothing for addresses that are not secure, such as ${location.origin}`;
  const text = error instanceof Error ? error.message : String(error);
  return `this browser keeps nothing for this page, perhaps because its window is private (${text})`;
}
