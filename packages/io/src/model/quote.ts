/** Text from a file inside a message: it may hold escape sequences of terminals, or be endless. */

/** The text in quotes, cut off, without control and other invisible characters. */
export function quote(text: string, longest = 100): string {
  return visible(JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text));
}

/** Any value as JSON, cut off, without control and other invisible characters. */
export function quoteJson(value: unknown, longest = 200): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return visible(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

/** The text with control and other invisible characters replaced. */
export function visible(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
