// The fenced code blocks of a Markdown text, and how each is to be treated by the documentation test.

/** One fenced block. */
export interface CodeBlock {
  /** First word after the fence, in lower case; empty if none. */
  readonly language: string;
  readonly code: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** Text of the comment `<!-- … -->` just before the block. */
  readonly comment?: string;
  /** Reason given in `<!-- not run: reason -->` just before the block. */
  readonly notRun?: string;
}

/** Every fenced block of a Markdown text, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split(/\r?\n/);
  const blocks: CodeBlock[] = [];
  for (let start = 0; start < lines.length; start++) {
    const [, indent = '', fence, language = ''] = /^( *)(`{3,}|~{3,})\s*([\w-]*)/.exec(lines[start] ?? '') ?? [];
    if (!fence) continue;
    let end = start + 1;
    while (end < lines.length && !(lines[end] ?? '').trim().startsWith(fence)) end++;
    const code = lines
      .slice(start + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const comment = commentBefore(lines, start);
    const notRun = /^not run:\s*(.+)$/.exec(comment ?? '')?.[1];
    blocks.push({
      language: language.toLowerCase(),
      code: code.join('\n'),
      line: start + 1,
      ...(comment === undefined ? {} : { comment }),
      ...(notRun === undefined ? {} : { notRun }),
    });
    start = end;
  }
  return blocks;
}

/** The commands of a shell block: continued lines joined, prompts, comments and empty lines left out. */
export function commands(code: string): string[] {
  return code
    .replaceAll(/[ \t]*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*\$ /, '')
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** The words of a command; single and double quotes group, nothing is expanded. */
export function words(command: string): string[] {
  return [...command.matchAll(/(?:"([^"]*)"|'([^']*)'|([^\s"']+))/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

function commentBefore(lines: readonly string[], fence: number): string | undefined {
  let above = fence - 1;
  while (above >= 0 && (lines[above] ?? '').trim() === '') above--;
  return /<!--\s*(.+?)\s*-->\s*$/.exec(lines[above] ?? '')?.[1];
}
