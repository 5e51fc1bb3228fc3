/** Text of SVG: numbers, characters, and how wide they are. */

/** With a tenth of a pixel. */
export function shown(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Any text between tags and in attributes. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Pixels of a text in 12-pixel letters, about: nothing here knows the font. */
export function textWidth(text: string): number {
  return Array.from(text).reduce(
    (sum, letter) => sum + (/[ilj.,:;'|!()[\] ]/.test(letter) ? 3.4 : /[mwMW—]/.test(letter) ? 9.6 : 6.7),
    0,
  );
}
