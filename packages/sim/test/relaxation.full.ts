import { wasm } from '@mace/backend-wasm';
import { caseNames, testAgainstAse } from '../src/testing/against-ase.js';

testAgainstAse(caseNames, wasm({ threads: 1 }));
