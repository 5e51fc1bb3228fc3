/**
 * The search for neighbors: every atom in turn as a sender looks at the bins around it and adds itself to those it finds. So the
 * senders of a receiver come out in order, and the shifts of a pair too. Run once to count, once to write.
 */
import { f64, i32, type Expression } from '../encoder/expressions.js';
import { FunctionBuilder, type Local } from '../encoder/function-builder.js';

/** Addresses and numbers that the search takes, in this order. Rows "by place" are in the order of `atoms` of the grid. */
export const searchOperands = [
  /** Senders to do. */
  'begin',
  'end',
  /** 0 counts the edges of each receiver, 1 writes them. */
  'writes',
  'bins0',
  'bins1',
  'bins2',
  /** i32: first atom of each bin, the atoms by place, the place of each atom. */
  'starts',
  'atoms',
  'places',
  /** By place: i32 [3 2] bins to look at, f64 [3] wrapped position, f64 [3] position, i32 [3] wraps. */
  'windows',
  'wrapped',
  'positions',
  'wraps',
  /** f64: cell [3 3], then the squares of reach, cutoff, and of the distance that is none. */
  'constants',
  /** i32 of each receiver: edges so far, or where its next edge goes. */
  'counts',
  'sender',
  'shifts',
  'vectors',
  /** i32: not 0 once two atoms are in one place. */
  'coincide',
] as const;

type Operand = (typeof searchOperands)[number];

/** Bins may be fewer cells away than this: so many are added before a division that rounds towards zero, so that it rounds down. */
export const mostCellsAway = 1 << 12;

export function neighborSearch(): FunctionBuilder {
  const f = new FunctionBuilder(searchOperands.map(() => 'i32'));
  const given = Object.fromEntries(searchOperands.map((name, i) => [name, f.parameters[i]!])) as Record<Operand, Local>;
  const constants = Array.from({ length: 12 }, (_, i) => f.keep(f64.load(given.constants, 8 * i)));
  const [reach2, cutoff2, coincidence2] = constants.slice(9) as [Local, Local, Local];
  const cell = (row: number, axis: number): Local => constants[3 * row + axis]!;
  const word = (base: Expression, index: Expression, size = 4): Expression =>
    i32.add(base, i32.mul(index, i32.of(size)));
  const row = (name: 'wrapped' | 'positions', place: Expression): Local[] => {
    const at = f.keep(word(given[name], place, 24));
    return [0, 8, 16].map((offset) => f.keep(f64.load(at, offset)));
  };
  const wrapsOf = (place: Expression): Local[] => {
    const at = f.keep(word(given.wraps, place, 12));
    return [0, 4, 8].map((offset) => f.keep(i32.load(at, offset)));
  };
  /** Σ shift · cell along each axis. */
  const moved = (shift: readonly Expression[]): Local[] =>
    [0, 1, 2].map((axis) => {
      const [a, b, c] = shift.map((cells, k) => f64.mul(f64.fromI32(cells), cell(k, axis))) as [
        Expression,
        Expression,
        Expression,
      ];
      return f.keep(f64.add(f64.add(a, b), c));
    });
  const lengthSquared = ([x, y, z]: readonly Local[]): Expression =>
    f64.add(f64.add(f64.mul(x!, x!), f64.mul(y!, y!)), f64.mul(z!, z!));

  const sender = f.local('i32');
  f.loop(sender, given.begin, given.end, 1, () => {
    const place = f.keep(i32.load(word(given.places, sender)));
    const [own, ownRaw, ownWraps] = [row('wrapped', place), row('positions', place), wrapsOf(place)];
    const window = f.keep(word(given.windows, place, 24));
    /** Loops over whole bins of one direction: the bin, and how many cells it is away. */
    const directions = [given.bins0, given.bins1, given.bins2];
    const over = (direction: number, body: (bin: Local, cells: Local) => void): void => {
      const bins = directions[direction]!;
      const from = i32.load(window, 8 * direction);
      const to = i32.load(window, 8 * direction + 4);
      const [at, cells] = [f.local('i32', from), f.local('i32')];
      const last = f.keep(to);
      f.while(i32.lessSigned(at, i32.add(last, i32.of(1))), () => {
        f.assign(cells, floorDivision(at, bins));
        body(f.keep(i32.sub(at, i32.mul(cells, bins))), cells);
        f.assign(at, i32.add(at, i32.of(1)));
      });
    };
    over(0, (bin0, cells0) =>
      over(1, (bin1, cells1) => {
        // Along the last direction the bins of one cell are one run of atoms.
        const bins = given.bins2;
        const line = f.keep(i32.mul(i32.add(i32.mul(bin0, given.bins1), bin1), bins));
        const [low, high] = [f.keep(i32.load(window, 16)), f.keep(i32.load(window, 20))];
        const cells2 = f.local('i32', floorDivision(low, bins));
        const lastCells = f.keep(floorDivision(high, bins));
        f.while(i32.lessSigned(cells2, i32.add(lastCells, i32.of(1))), () => {
          const base = f.keep(i32.mul(cells2, bins));
          const [first, last] = [f.keep(i32.sub(low, base)), f.keep(i32.sub(high, base))];
          const begin = i32.select(i32.of(0), first, i32.lessSigned(first, i32.of(0)));
          const end = i32.select(last, i32.sub(bins, i32.of(1)), i32.lessSigned(last, bins));
          const stop = f.keep(i32.load(word(given.starts, i32.add(line, end)), 4));
          const away = moved([cells0, cells1, cells2]).map((shift, axis) => f.keep(f64.sub(shift, own[axis]!)));
          const other = f.local('i32', i32.load(word(given.starts, i32.add(line, begin))));
          f.while(i32.lessSigned(other, stop), () => {
            const near = row('wrapped', other).map((x, axis) => f.keep(f64.add(x, away[axis]!)));
            f.if(f64.less(lengthSquared(near), reach2), () => {
              const wraps = wrapsOf(other);
              const shift = [cells0, cells1, cells2].map((cells, axis) =>
                f.keep(i32.add(i32.sub(ownWraps[axis]!, wraps[axis]!), cells)),
              );
              // The expression of core's edge vectors: its bits decide.
              const along = moved(shift);
              const vector = row('positions', other).map((x, axis) =>
                f.keep(f64.add(f64.sub(x, ownRaw[axis]!), along[axis]!)),
              );
              const distance2 = f.keep(lengthSquared(vector));
              const receiver = f.keep(i32.load(word(given.atoms, other)));
              const still = shift.map((cells) => i32.eqz(cells)).reduce((a, b) => i32.and(a, b));
              const itself = f.keep(i32.and(i32.eq(receiver, sender), still));
              f.if(i32.and(f64.less(distance2, coincidence2), i32.eqz(itself)), () =>
                f.store(given.coincide, i32.of(1)),
              );
              f.if(i32.and(f64.less(distance2, cutoff2), i32.eqz(itself)), () => {
                const count = f.keep(word(given.counts, receiver));
                const edge = f.keep(i32.load(count));
                f.if(given.writes, () => {
                  f.store(word(given.sender, edge), sender);
                  shift.forEach((cells, axis) => f.store(word(given.shifts, edge, 12), cells, 4 * axis));
                  vector.forEach((x, axis) => f.store(word(given.vectors, edge, 24), x, 8 * axis));
                });
                f.store(count, i32.add(edge, i32.of(1)));
              });
            });
            f.assign(other, i32.add(other, i32.of(1)));
          });
          f.assign(cells2, i32.add(cells2, i32.of(1)));
        });
      }),
    );
  });
  return f;
}

/** Of a number that may be negative, by a positive one. */
function floorDivision(a: Expression, b: Expression): Expression {
  const before = i32.of(mostCellsAway);
  return i32.sub(i32.div(i32.add(a, i32.mul(b, before)), b), before);
}
