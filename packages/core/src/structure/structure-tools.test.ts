import { describe, expect, it } from 'vitest';
import { StructureError } from '../errors.js';
import { atomicMasses, atomicNumber, chemicalSymbol, chemicalSymbols, covalentRadii } from './elements.js';
import { chemicalFormula, makeStructure, structureMasses, structureSymbols } from './make-structure.js';
import type { Structure } from './structure.js';
import { validateStructure } from './validate.js';

describe('elements', () => {
  it('are 119, each symbol once, known by number and back', () => {
    expect([chemicalSymbols.length, atomicMasses.length, covalentRadii.length]).toEqual([119, 119, 119]);
    expect(new Set(chemicalSymbols).size).toBe(119);
    chemicalSymbols.forEach((symbol, number) => expect(atomicNumber(symbol)).toBe(number));
    expect(['H', 'C', 'Cl', 'Fe', 'La', 'Lu', 'Hf', 'Au', 'Rn', 'U', 'Og'].map(atomicNumber)).toEqual([
      1, 6, 17, 26, 57, 71, 72, 79, 86, 92, 118,
    ]);
  });

  it('have masses and radii of the right elements', () => {
    const mass = (symbol: string): number => atomicMasses[atomicNumber(symbol)]!;
    expect([mass('H'), mass('O'), mass('Fe'), mass('Au'), mass('U')]).toEqual([
      1.008, 15.999, 55.845, 196.966569, 238.02891,
    ]);
    // Mass follows the number except in these elements, heavier than the next.
    const inverted = chemicalSymbols.slice(1, 93).filter((_, k) => atomicMasses[k + 2]! < atomicMasses[k + 1]!);
    expect(inverted).toEqual(['Ar', 'Co', 'Te', 'Th', 'U']);
    const radius = (symbol: string): number => covalentRadii[atomicNumber(symbol)]!;
    expect([radius('X'), radius('H'), radius('C'), radius('Cs'), radius('Cm'), radius('Bk'), radius('Og')]).toEqual([
      0.2, 0.31, 0.76, 2.44, 1.69, 2, 2,
    ]);
  });

  it('refuse what is none, with the spelling that was meant', () => {
    expect(() => atomicNumber('CL')).toThrow(/found "CL".*write "Cl"/);
    expect(() => atomicNumber('Zz')).toThrow(StructureError);
    expect(() => atomicNumber('')).toThrow(/periodic table/);
    for (const number of [-1, 119, 1.5, NaN]) expect(() => chemicalSymbol(number)).toThrow(/from 0 to 118/);
  });
});

describe('makeStructure', () => {
  it('takes symbols or numbers, flat or nested, and fills in the rest', () => {
    const water = makeStructure({
      symbols: ['O', 'H', 'H'],
      positions: [
        [0, 0, 0],
        [0.96, 0, 0],
        [-0.24, 0.93, 0],
      ],
    });
    expect([...water.numbers]).toEqual([8, 1, 1]);
    expect([water.cell, water.pbc]).toEqual([null, [false, false, false]]);
    const salt = makeStructure({
      numbers: [11, 17],
      positions: [0, 0, 0, 2.8, 0, 0],
      cell: [
        [0, 2.8, 2.8],
        [2.8, 0, 2.8],
        [2.8, 2.8, 0],
      ],
      info: { name: 'salt' },
    });
    expect([salt.pbc, salt.info]).toEqual([[true, true, true], { name: 'salt' }]);
    expect([
      ...makeStructure({ numbers: [1], positions: [0, 0, 0], cell: [1, 2, 3], pbc: [true, true, false] }).cell!,
    ]).toEqual([1, 0, 0, 0, 2, 0, 0, 0, 3]);
  });

  it('copies', () => {
    const positions = Float64Array.of(1, 2, 3);
    const structure = makeStructure({ numbers: [1], positions });
    positions[0] = 9;
    expect(structure.positions[0]).toBe(1);
  });

  it('refuses what does not fit together', () => {
    expect(() => makeStructure({ positions: [] })).toThrow(/found neither/);
    expect(() => makeStructure({ numbers: [1], symbols: ['H'], positions: [0, 0, 0] })).toThrow(/found both/);
    expect(() => makeStructure({ numbers: [1, 1], positions: [0, 0, 0] })).toThrow(
      /Expected 6 coordinates for 2 atoms, found 3/,
    );
    expect(() => makeStructure({ numbers: [1], positions: [0, 0, 0], cell: [1, 2] })).toThrow(
      /9 or 3 numbers, found 2/,
    );
    expect(() => makeStructure({ symbols: ['h'], positions: [0, 0, 0] })).toThrow(/write "H"/);
  });

  it('gives formulas in Hill order, symbols and masses', () => {
    const of = (symbols: string[]): Structure =>
      makeStructure({ symbols, positions: new Float64Array(3 * symbols.length) });
    expect(chemicalFormula(of(['O', 'H', 'C', 'C', 'H', 'H', 'H', 'H', 'H']))).toBe('C2H6O');
    expect(chemicalFormula(of(['O', 'H', 'H', 'Cl', 'Al']))).toBe('AlClH2O');
    expect(chemicalFormula(of([]))).toBe('');
    expect(structureSymbols(of(['Fe', 'X']))).toEqual(['Fe', 'X']);
    expect([...structureMasses(of(['C', 'H']))]).toEqual([12.011, 1.008]);
    const heavy = makeStructure({
      symbols: ['H'],
      positions: [0, 0, 0],
      arrays: { masses: { columns: 1, kind: 'real', values: Float64Array.of(2.014) } },
    });
    expect([...structureMasses(heavy)]).toEqual([2.014]);
  });
});

describe('validateStructure', () => {
  const good = makeStructure({ symbols: ['C', 'O'], positions: [0, 0, 0, 0, 0, 1.1], cell: [4, 5, 6] });
  const refused = (change: Partial<Structure>, elements?: readonly number[]): string => {
    try {
      validateStructure({ ...good, ...change }, elements === undefined ? {} : { elements });
    } catch (error) {
      expect(error).toBeInstanceOf(StructureError);
      return (error as Error).message;
    }
    return 'accepted';
  };

  it('accepts good structures', () => {
    expect(refused({})).toBe('accepted');
    expect(refused({}, [8, 6, 1])).toBe('accepted');
    expect(refused({ cell: null, pbc: [false, false, false] })).toBe('accepted');
    expect(refused({ cell: Float64Array.of(0, 0, 0, 0, 5, 0, 0, 0, 0), pbc: [false, true, false] })).toBe('accepted');
    expect(refused({ numbers: new Int32Array(0), positions: new Float64Array(0) })).toBe('accepted');
  });

  it('names wrong lengths', () => {
    expect(refused({ positions: new Float64Array(5) })).toMatch(
      /positions in a structure of 2 atoms. Expected 6 values, found 5/,
    );
    expect(refused({ cell: new Float64Array(6) })).toMatch(/cell .* Expected 9 values, found 6/);
    expect(refused({ pbc: [true] as unknown as Structure['pbc'] })).toMatch(/pbc .* Expected 3 values, found 1/);
    expect(refused({ arrays: { forces: { columns: 3, kind: 'real', values: new Float64Array(5) } } })).toMatch(
      /"forces".*Expected 6 values, found 5/,
    );
  });

  it('names the atom whose position is not finite', () => {
    expect(refused({ positions: Float64Array.of(0, 0, 0, 0, NaN, 0) })).toMatch(/atom 1 \(O\).*found 0 NaN 0/);
    expect(refused({ positions: Float64Array.of(-Infinity, 0, 0, 0, 0, 0) })).toMatch(/atom 0 \(C\)/);
  });

  it('names an element that is not covered, and those that are', () => {
    expect(refused({}, [14, 1, 6])).toMatch(/at atom 1. Expected one of H C Si, found O \(8\)/);
    expect(refused({ numbers: Int32Array.of(6, 119) })).toMatch(
      /atom 1. Expected an atomic number from 0 to 118, found 119/,
    );
    expect(refused({ numbers: Int32Array.of(-3, 6) }, [6])).toMatch(/atom 0.*found -3/);
  });

  it('names what is wrong with the cell', () => {
    expect(refused({ cell: null })).toMatch(/periodic along a, b, c. Expected lattice vectors, found none/);
    expect(refused({ cell: Float64Array.of(4, 0, 0, 0, Infinity, 0, 0, 0, 6) })).toMatch(
      /not finite, in lattice vector b/,
    );
    expect(refused({ cell: Float64Array.of(4, 0, 0, 0, 5, 0, 0, 0, 0) })).toMatch(/Zero cell .* lattice vector c/);
    expect(refused({ cell: Float64Array.of(4, 0, 0, 8, 0, 0, 0, 0, 6) })).toMatch(/Singular cell/);
    expect(refused({ cell: Float64Array.of(4, 0, 0, 8, 0, 0, 0, 0, 6), pbc: [true, true, false] })).toMatch(
      /\(a, b\) are not independent/,
    );
    expect(refused({ cell: Float64Array.of(4, 0, 0, 8, 0, 0, 0, 0, 6), pbc: [true, false, true] })).toBe('accepted');
    expect(refused({ cell: Float64Array.of(1, 2, 3, 4, 5, 6, 5, 7, 9) })).toMatch(/Singular cell/);
  });
});
