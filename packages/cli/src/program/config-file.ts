/**
 * `--config FILE.yml`: options of a command from a YAML file, by their names without dashes, in the spellings that the command line takes.
 * What stands on the command line wins; a name that the command does not have is an error with the nearest one that it has.
 */
import { readFile } from 'node:fs/promises';
import { FormatError } from '@mace/core/errors';
import type { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { collected } from './options.js';
import { foreignNames, ownName, spelled } from './spelling.js';

/** The words behind `mace`, options of the file among them, in our spelling. @throws FormatError that names file and key */
export async function configured(words: readonly string[], program: Command): Promise<string[]> {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const at = words.findIndex((word, i) => i < end && /^--config(=|$)/.test(word));
  if (at < 0) return spelled(words);
  const path = commandPath(words, program);
  const isJoined = words[at]!.startsWith('--config=');
  const file = isJoined ? words[at]!.slice('--config='.length) : words[at + 1];
  if (file === undefined || file === '') throw new FormatError('--config: expected the name of a YAML file behind it.');
  const others = words.filter((_, i) => i !== at && (isJoined || i !== at + 1));
  const verb = path.map((one) => one.name());
  const given = spelled([...verb, ...others.slice(verb.length)]);
  const written = wordsOf(file, await contents(file), path.at(-1)!);
  const hasFiles = takesFiles(path.at(-1)!) && hasOperand(given.slice(verb.length), path.at(-1)!);
  const ours = groups(spelled([...verb, ...written]).slice(verb.length)).filter(
    ([option]) =>
      !given.some((word) => nameOf(word) === nameOf(option!)) &&
      !(hasFiles && ['--structures', '--input'].includes(nameOf(option!))),
  );
  return [...verb, ...ours.flat(), ...given.slice(verb.length)];
}

function takesFiles(command: Command): boolean {
  return command.registeredArguments.length > 0;
}

/** Whether there is a word that is neither an option nor the value of one. */
function hasOperand(words: readonly string[], { options }: Command): boolean {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return i + 1 < words.length;
    if (!word.startsWith('-') || word === '-') return true;
    const option = options.find(({ long, short }) => long === word || short === word);
    if (option?.required || (option?.optional && !words[i + 1]?.startsWith('-'))) i++;
  }
  return false;
}

/** The commands that the words begin with. */
function commandPath(words: readonly string[], program: Command): Command[] {
  const [word, ...rest] = words;
  const next = program.commands.find((one) => one.name() === word || one.aliases().includes(word!));
  return next ? [next, ...commandPath(rest, next)] : [];
}

async function contents(file: string): Promise<Record<string, unknown>> {
  // Loaded where there is such a file: the command line starts without it.
  const [text, { parse }] = await Promise.all([readFile(file, 'utf8'), import('yaml')]);
  let found: unknown;
  try {
    found = parse(text);
  } catch (cause) {
    const [first] = (cause as Error).message.split('\n');
    throw new FormatError(`--config ${file}: this is not YAML: ${first!.replace(/[:.]$/, '')}. Correct it.`, { cause });
  }
  if (found === null) return {};
  if (typeof found === 'object' && !Array.isArray(found)) return found as Record<string, unknown>;
  throw new FormatError(`--config ${file}: expected options with their values, such as fmax: 0.01, a line each.`);
}

/** Each option with its value as one word. */
function wordsOf(file: string, options: Record<string, unknown>, command: Command): string[] {
  const own = command.options.map((option) => option.long!.replace(/^--/, ''));
  const known = [...own, ...foreignNames()].filter((name) => name !== 'config');
  return Object.entries(options).flatMap(([key, value]) => {
    const name = key.replaceAll('_', '-');
    if (!known.includes(name)) throw new FormatError(`--config ${file}: ${unknownKey(key, name, known, command)}`);
    const option = command.options.find(({ long }) => long === ownName(`--${name}`));
    // `no` and `off` are what YAML 1.1 calls false, and what a text is here.
    const isOff = value === false || /^(no|off)$/i.test(String(value));
    const isOn = value === true || /^(yes|on)$/i.test(String(value));
    if (!option?.required && (isOff || isOn)) return isOff ? [] : [`--${name}`];
    if (isOff && option?.argChoices?.includes('off')) return [`--${name}=off`];
    const pairs = option?.parseArg === collected ? pairsOf(value) : null;
    if (pairs) return pairs.map((one) => `--${name}=${one}`);
    if (Array.isArray(value) && value.every(isPlain))
      return option?.long === '--structures' || option?.parseArg === collected
        ? value.map((one) => `--${name}=${one}`)
        : [`--${name}=${value.join(',')}`];
    if (!isPlain(value))
      throw new FormatError(
        `--config ${file}: ${key} is ${JSON.stringify(value)}; expected a number, a text, true or false.`,
      );
    return [`--${name}=${value}`];
  });
}

function unknownKey(key: string, name: string, known: readonly string[], command: Command): string {
  const nearest = closest(name, known);
  const isNear = distance(name, nearest) <= Math.max(2, name.length / 3);
  return `mace ${command.name()} has no option ${key}.${isNear ? ` Did you mean ${nearest}?` : ` See mace ${command.name()} --help.`}`;
}

/** `drift: 3` of a mapping, or of mappings in a list, as `drift=3`; null for anything else. */
function pairsOf(value: unknown): string[] | null {
  if (typeof value !== 'object' || value === null) return null;
  const found = (Array.isArray(value) ? value : [value]).map((one: unknown) => {
    if (isPlain(one)) return [String(one)];
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return null;
    const entries = Object.entries(one);
    return entries.every(([, each]) => isPlain(each)) ? entries.map(([key, each]) => `${key}=${String(each)}`) : null;
  });
  return found.includes(null) ? null : (found as string[][]).flat();
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Options with the words that belong to them. */
function groups(words: readonly string[]): string[][] {
  const found: string[][] = [];
  for (const word of words) {
    if (word.startsWith('--') || found.length === 0) found.push([word]);
    else found.at(-1)!.push(word);
  }
  return found;
}

function nameOf(word: string): string {
  return word.replace(/=.*$/s, '');
}
