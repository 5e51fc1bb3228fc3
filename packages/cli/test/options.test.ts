/** Every option that is declared reaches its command and says something there; people of other programs find theirs. */
import type { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/program/index.js';
import { commands, type Commands } from '../src/program/commands.js';
import { defaults } from '../src/program/defaults.js';
import { spelled } from '../src/program/spelling.js';
import { verbsToCome } from '../src/program/verbs-to-come.js';
import { wordsOf } from '../src/program/completion.js';

/** What reaches the command behind the words. */
async function reached(words: readonly string[]): Promise<{ name: string; given: unknown[] }> {
  let found: { name: string; given: unknown[] } | undefined;
  const recorders = Object.fromEntries(
    Object.keys(commands).map((name) => [name, async (...given: unknown[]) => void (found = { name, given })]),
  ) as unknown as Commands;
  await createProgram(recorders).parseAsync(spelled(words), { from: 'user' });
  if (!found) throw new Error(`mace ${words.join(' ')}: nothing was run`);
  return found;
}

function* allCommands(command: Command, path: string[] = []): Generator<{ path: string[]; command: Command }> {
  if (path.length > 0 && command.commands.length === 0) yield { path, command };
  for (const one of command.commands) yield* allCommands(one, [...path, one.name()]);
}

const declared = [...allCommands(createProgram())].filter(({ path }) => path[0] !== 'completion');

/** Words for an option that are not its default. */
function wordsFor(option: Option): string[] {
  if (!option.required && !option.optional) return [option.long!];
  const [other] = (option.argChoices ?? []).filter((choice) => choice !== option.defaultValue);
  for (const value of [other, '8', 'false', '1/2', 'xx', 'some-text'].filter((one) => one !== undefined)) {
    try {
      option.parseArg?.(value, undefined as never);
      return [option.long!, value];
    } catch {
      continue;
    }
  }
  throw new Error(`no value for ${option.flags}`);
}

describe('every declared option', () => {
  const cases = declared.flatMap(({ path, command }) => command.options.map((option) => ({ path, command, option })));
  test.each(cases.map((one) => [`${one.path.join(' ')} ${one.option.long}`, one] as const))(
    '%s reaches its command',
    async (_name, { path, command, option }) => {
      const needed = command.registeredArguments.filter((one) => one.required).map((_, i) => `argument-${i}`);
      const mandatory = command.options.filter((one) => one.mandatory && one !== option).flatMap(wordsFor);
      const plain = await reached([...path, ...needed, ...mandatory, ...(option.mandatory ? [option.long!, 'x'] : [])]);
      const changed = await reached([...path, ...needed, ...mandatory, ...wordsFor(option)]);
      expect(changed.name).toBe(plain.name);
      expect(changed.given).not.toEqual(plain.given);
    },
  );

  test.each(
    cases
      .filter(({ option }) => option.parseArg && /<(n|number|seconds)>/.test(option.flags))
      .map(({ path, option }) => [`${path.join(' ')} ${option.long}`, path, option] as const),
  )('%s takes numbers only', async (_name, path, option) => {
    for (const value of ['', ' ', 'x', '1x', '0x10', 'NaN', 'Infinity', '1e999', '1,5', '--'])
      await expect(reached([...path, `${option.long}=${value}`]), JSON.stringify(value)).rejects.toThrow(
        new RegExp(`${option.long} .*: expected a (whole )?number`),
      );
  });
});

describe('other spellings of eval', () => {
  test.each([
    [['--configs', 'a.xyz'], { structures: ['a.xyz'] }],
    [['--struct', 'a.xyz', '--structures=b.xyz'], { structures: ['a.xyz', 'b.xyz'] }],
    [['--default_dtype', 'float32'], { precision: 'f32' }],
    [['--default-dtype=float64'], { precision: 'f64' }],
    [['--batch_size', '3', '--info_prefix', 'm_'], { batchSize: 3, infoPrefix: 'm_' }],
    [['--return_descriptors', '--descriptor_num_layers', '1'], { returnDescriptors: true, descriptorNumLayers: 1 }],
    [['--device', 'cpu', '--enable_cueq', '--compute_stress', '--no-tracker'], {}],
    [['--arch', 'mace_off', '--model', 'small'], { model: 'off-small' }],
    [['--arch', 'mace_mp', '--model', 'medium-0b3'], { model: 'medium-0b3' }],
    [['--arch', 'mace_off', '--model=small'], { model: 'off-small' }],
    [['--model=large', '--arch=mace_mp'], { model: 'large' }],
    [['--arch', 'mace_off', '--model', 'off-large'], { model: 'off-large' }],
    [['--arch', 'mace_omol'], { model: 'omol-extra-large' }],
    [['--arch', 'mace_omol', '--model', 'mine'], { model: 'mine' }],
    [['--arch', 'mace_mp'], { model: 'medium-mpa-0' }],
    [['--model', 'my.model', '--arch', 'mace_off'], { model: 'my.model' }],
    [['--properties', 'energy,forces'], {}],
  ])('%j', async (words, options) => {
    const { name, given } = await reached(['eval', ...words]);
    const { given: plain } = await reached(['eval']);
    expect([name, given[0]]).toEqual(['eval', []]);
    expect(given[1]).toEqual({ ...(plain[1] as object), ...options });
  });

  test.each([
    [['--device', 'cuda'], '--backend webgpu'],
    [['--compute_bec'], 'Born effective charges'],
    [['--return_contributions'], 'energies by layer'],
    [['--properties', 'hessian'], '`calculator.hessian`'],
    [['--dispersion'], 'D3 is not computed here'],
    [['--write-results'], '--output FILE'],
    [['--default_dtype', 'float16'], 'expected float64 or float32'],
    [['--arch', 'chgnet'], 'mace_mp, mace_off'],
    [['--calc-kwargs', '{}'], 'keywords of Python'],
    [['--device'], 'expected a value'],
    [['--output', ''], 'expected the name of a file'],
  ])('%j is explained', async (words, text) => {
    await expect(reached(['eval', ...words])).rejects.toThrow(text);
  });

  test.each(['bench', 'estimate'])('%s takes a file as an argument too', async (verb) => {
    expect((await reached([verb, 'a.xyz'])).given).toEqual((await reached([verb, '--structures', 'a.xyz'])).given);
  });

  test('what stands behind -- is a file', async () => {
    expect((await reached(['eval', '--', '--my_file.xyz'])).given[0]).toEqual(['--my_file.xyz']);
  });
});

describe('verbs', () => {
  test.each(Object.keys(verbsToCome))('%s says what to use', async (verb) => {
    const line = await reached([verb, 'file.xyz', '--some-option', '3']).then(String, (error: Error) => error.message);
    expect(line).toBe(`mace ${verb} ${verbsToCome[verb]}`);
    expect(line).not.toContain('\n');
  });

  test('none of them is a command that is there', () => {
    const names = createProgram().commands.map((command) => command.name());
    expect(new Set(names).size).toBe(names.length);
  });

  test('help is asked for in either order', async () => {
    let printed = '';
    const program = createProgram().configureOutput({ writeOut: (text) => void (printed += text) });
    program.commands.forEach((command) => command.copyInheritedSettings(program));
    await expect(program.parseAsync(['help', 'eval'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(printed).toMatch(/^Usage: mace eval /);
  });

  test('an option without a command is said to be one', async () => {
    await expect(reached(['--json'])).rejects.toThrow("unknown option '--json'");
  });

  test.each(['evall', 'Eval', 'relx', 'modle'])('%s is told with the nearest', async (verb) => {
    await expect(reached([verb])).rejects.toThrow(/unknown command '\w+'\n\(Did you mean /);
  });
});

test('completion knows every command and option', () => {
  const words = wordsOf(createProgram());
  for (const { path, command } of declared) {
    if (path[0] === 'demo') continue;
    const follow = words.get(path.join(' '));
    for (const { long } of command.options) expect(follow).toContain(long);
  }
});

test('the table of defaults in the README is the one that is used', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (`[^|]+`) \| (float\d\d)[^|]* \| (exact|from tables)[^|]* \|$/gm)];
  const said = rows.flatMap(([, names, precision, functions]) =>
    [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => [
      name,
      { precision: precision!.replace('float', 'f'), tables: functions !== 'exact' },
    ]),
  );
  expect(Object.fromEntries(said)).toEqual(defaults);
});
