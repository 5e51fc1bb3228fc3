/** The index maps that generated graphs read: those of a MACE graph, and one derived map of each kind. */
import type { IndexMap } from '../ir/index.js';

/** Number of targets of `species`. */
export const elements = 3;

export const sender: IndexMap = { name: 'sender', from: 'edges', to: 'atoms' };
export const receiver: IndexMap = { name: 'receiver', from: 'edges', to: 'atoms' };
export const species: IndexMap = { name: 'species', from: 'atoms', to: elements };
export const graphOf: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };

export const senderSpecies = composed('senderSpecies', sender, species);
export const receiverSpecies = composed('receiverSpecies', receiver, species);

/** Elements of both ends of an edge. */
export const pair: IndexMap = {
  name: 'pair',
  from: 'edges',
  to: elements ** 2,
  derivation: { kind: 'pair', first: senderSpecies, second: receiverSpecies },
};

/** Elements 2 and 0, renumbered. */
export const kept: IndexMap = {
  name: 'kept',
  from: 'atoms',
  to: 2,
  derivation: { kind: 'select', first: species, keep: [2, 0] },
};

export const allMaps: readonly IndexMap[] = [
  sender,
  receiver,
  species,
  graphOf,
  senderSpecies,
  receiverSpecies,
  pair,
  kept,
];

function composed(name: string, first: IndexMap, second: IndexMap): IndexMap {
  return { name, from: first.from, to: second.to, derivation: { kind: 'compose', first, second } };
}
