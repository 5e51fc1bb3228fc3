/** Scripts that complete words in a shell, made from the declared commands. */
import type { Command } from 'commander';
import { FormatError } from '@mace/core/errors';
import { print } from '../console.js';

/** Shells for which there is a script, and where it goes. */
const shells: Readonly<Record<string, (words: ReadonlyMap<string, readonly string[]>) => string>> = {
  bash: bashScript,
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`,
  fish: fishScript,
};

export const completionShells = Object.keys(shells);

/** @throws FormatError for a shell without a script */
export function printCompletion(program: Command, shell: string): void {
  if (!Object.hasOwn(shells, shell))
    throw new FormatError(`mace completion ${shell}: expected ${completionShells.join(', ')}.`);
  print(shells[shell]!(wordsOf(program)));
}

/** Command, with the words that lead to it → what may follow: commands and options. */
export function wordsOf(program: Command, path = ''): Map<string, string[]> {
  const visible = program.commands.filter((command) => command.name() !== 'demo');
  const options = program.options.filter(({ hidden }) => !hidden).map(({ long }) => long!);
  const words = new Map([[path, [...visible.map((command) => command.name()), ...options, '--help']]]);
  for (const command of visible)
    for (const [key, value] of wordsOf(command, `${path} ${command.name()}`.trim())) words.set(key, value);
  return words;
}

function bashScript(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words]
    .filter(([path]) => path !== '')
    .map(([path, follow]) => `    '${path}') words='${follow.join(' ')}' ;;`);
  return `# Put this into ~/.bashrc, or: source <(mace completion bash)
_mace() {
  local word path='' words='${words.get('')!.join(' ')}'
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    path="\${path:+$path }$word"
    case "$path" in
${cases.map((line) => `  ${line}`).join('\n')}
      *) break ;;
    esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${COMP_WORDS[COMP_CWORD]} == -* ]] || COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _mace mace
`;
}

function fishScript(words: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...words].flatMap(([path, follow]) => {
    const seen = path.split(' ').filter(Boolean);
    const condition =
      seen.length === 0
        ? '__fish_use_subcommand'
        : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const options = follow.filter((word) => word.startsWith('--')).map((word) => `-l ${word.slice(2)}`);
    const commands = follow.filter((word) => !word.startsWith('--'));
    return [
      ...(commands.length > 0 ? [`complete -c mace -n '${condition}' -a '${commands.join(' ')}'`] : []),
      ...options.map((option) => `complete -c mace -n '${condition}' ${option}`),
    ];
  });
  return `# Put this into ~/.config/fish/completions/mace.fish\n${lines.join('\n')}\n`;
}
