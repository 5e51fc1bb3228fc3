import { wasm } from '@mace/backend-wasm';
import { testAgainstAse } from '../src/testing/against-ase.js';

testAgainstAse(['molecule, bfgs-line-search', 'frechet, hydrostatic', 'symmetry, pressure'], wasm({ threads: 1 }));
