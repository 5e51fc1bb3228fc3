/** The operations of every setting, compared with gemmi's by one sum; and the names that people write. */
import { expect, test } from 'vitest';
import { crc32 } from '../crc32.js';
import { operationsOfHall } from './hall-symbol.js';
import { settingsNamed, settingsOfNumber } from './space-groups.js';
import { isClosed, operationKey } from './symmetry-group.js';

test('operations of all 564 settings are those of gemmi', () => {
  // gemmi 0.7.5: for s in sorted(gemmi.spacegroup_table(), key=number): name:ext|sorted rotations and translations in 24ths|…, zlib.crc32
  const lines = Array.from({ length: 230 }, (_, index) => settingsOfNumber(index + 1))
    .flat()
    .map(({ name, hall }) => `${name}|${operationsOfHall(hall)?.map(operationKey).sort().join('|')}`);
  expect(lines).toHaveLength(564);
  expect(crc32(new TextEncoder().encode(lines.join('\n')))).toBe(201890936);
});

test('what is no Hall symbol, and generators that make no finite group', () => {
  for (const text of ['', 'P', 'Q 2', 'P 7', 'P 2q', 'P 2 2 2 (x,y,z)']) expect(operationsOfHall(text)).toBeUndefined();
  expect(isClosed(operationsOfHall('-F 4 2 3') ?? [])).toBe(true);
});

test.each([
  ['P 21/c', '14 P 1 21/c 1'],
  ['P21/b', '14 P 1 1 21/b'],
  ['C2/c', '15 C 1 2/c 1'],
  ['P 2', '3 P 1 2 1, 3 P 1 1 2'],
  ['Fm-3m', '225 F m -3 m'],
  ['F_m_-3_m', '225 F m -3 m'],
  ['F m 3 m', '225 F m -3 m'],
  ['Pm3m', '221 P m -3 m'],
  ['P a 3', '205 P a -3'],
  ['F 4/m -3 2/m', '225 F m -3 m'],
  ['I 41/a -3 2/d', '230 I a -3 d'],
  ['P 21/n 21/m 21/a', '62 P n m a'],
  ['I 4/m 2/m 2/m', '139 I 4/m m m'],
  ['P -3 2/m 1', '164 P -3 m 1'],
  ['C m c e', '64 C m c a'],
  ['Ccce:2', '68 C c c a:2'],
  ['F d -3 m', '227 F d -3 m:1, 227 F d -3 m:2'],
  ['F d -3 m S', '227 F d -3 m:1'],
  ['Fd-3m Z', '227 F d -3 m:2'],
  ['R -3 m', '166 R -3 m:H, 166 R -3 m:R'],
  ['R__-3 __ m :H__', '166 R -3 m:H'],
  ['R -3 m R', '166 R -3 m:R'],
  ['H 3 2', '155 R 3 2:H'],
  ['P 1', '1 P 1'],
  ['F m -4 m', ''],
  ['water', ''],
])('%s is %s', (name, expected) => {
  const found = settingsNamed(name).map((setting) => `${setting.number} ${setting.name}`);
  expect(found.join(', ')).toBe(expected);
});
