/** Opens a folded part of the page, and brings it into view. */

/** @param id - of a `details` element, or of something in one */
export function reveal(id: string): void {
  const element = document.getElementById(id);
  for (let at = element; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  // Below what has just opened.
  requestAnimationFrame(() => element?.scrollIntoView({ block: 'nearest' }));
  element?.querySelector('summary')?.focus({ preventScroll: true });
}
