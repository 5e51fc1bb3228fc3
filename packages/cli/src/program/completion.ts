/** Scripts that complete words in a shell, made from the declared commands. */
import type { Command } from 'commander';
import { FormatError } from '@mace/core/errors';
import { print } from '../console.js';

type Words = ReadonlyMap<string, readonly string[]>;

/** Shells for which there is a script, and where it goes. */
const shells: Readonly<Record<string, (words: Words, values: Words) => string>> = {
  bash: bashScript,
  zsh: (words, values) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words, values)}`,
  fish: fishScript,
};

export const completionShells = Object.keys(shells);

/** @throws FormatError for a shell without a script */
export async function printCompletion(program: Command, shell: string): Promise<void> {
  if (!Object.hasOwn(shells, shell))
    throw new FormatError(`mace completion ${shell}: expected ${completionShells.join(', ')}.`);
  const { publishedModels } = await import('@mace/models');
  const models = publishedModels.filter(({ refused }) => refused === undefined).map(({ name }) => name);
  const words = wordsOf(program);
  for (const command of ['pull', 'path', 'verify']) words.get(`models ${command}`)?.push(...models);
  print(shells[shell]!(words, valuesOf(program, models)));
}

/** Command and option → the values that it may have; none where files are as good as anything. */
function valuesOf(program: Command, models: readonly string[], path = ''): Map<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const { long, argChoices, required } of program.options)
    if (required) values.set(`${path} ${long}`, argChoices ?? (long === '--model' ? ['bundled', ...models] : []));
  for (const command of program.commands)
    for (const [key, value] of valuesOf(command, models, `${path} ${command.name()}`.trim())) values.set(key, value);
  return values;
}

/** Command, with the words that lead to it → what may follow: commands and options. */
export function wordsOf(program: Command, path = ''): Map<string, string[]> {
  const visible = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  const options = program.options.filter(({ hidden }) => !hidden).map(({ long }) => long!);
  const words = new Map([[path, [...visible.map((command) => command.name()), ...options, '--help']]]);
  for (const command of visible)
    for (const [key, value] of wordsOf(command, `${path} ${command.name()}`.trim())) words.set(key, value);
  return words;
}

function bashScript(words: Words, values: Words): string {
  const cases = [...words]
    .filter(([path]) => path !== '')
    .map(([path, follow]) => `    '${path}') words='${follow.join(' ')}' ;;`);
  const valueCases = [...values].map(([option, known]) => `    '${option}') words='${known.join(' ')}' ;;`);
  return `# Put this into ~/.bashrc, or: source <(mace completion bash)
_mace() {
  local word path='' command='' words='${words.get('')!.join(' ')}'
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    path="\${path:+$path }$word"
    case "$path" in
${cases.map((line) => `  ${line}`).join('\n')}
      *) break ;;
    esac
    command="$path"
  done
  case "$command \${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${COMP_WORDS[COMP_CWORD]} == -* ]] || COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _mace mace
`;
}

function fishScript(words: Words, values: Words): string {
  const lines = [...words].flatMap(([path, follow]) => {
    const seen = path.split(' ').filter(Boolean);
    const condition =
      seen.length === 0
        ? '__fish_use_subcommand'
        : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const options = follow
      .filter((word) => word.startsWith('--'))
      .map((word) => `-l ${word.slice(2)}${valueText(values.get(`${path} ${word}`))}`);
    const commands = follow.filter((word) => !word.startsWith('--'));
    return [
      ...(commands.length > 0 ? [`complete -c mace -n '${condition}' -a '${commands.join(' ')}'`] : []),
      ...options.map((option) => `complete -c mace -n '${condition}' ${option}`),
    ];
  });
  return `# Put this into ~/.config/fish/completions/mace.fish\n${lines.join('\n')}\n`;
}

/** What fish is told of the value of an option: nothing where there is none. */
function valueText(known: readonly string[] | undefined): string {
  if (known === undefined) return '';
  return known.length === 0 ? ' -r' : ` -r -a '${known.join(' ')}'`;
}
