/**
 * Files that wrap a MACE in a module of their own, for LAMMPS, OpenMM and CP2K: the model is taken out, with the head that
 * the wrapper has settled on.
 */
import { FormatError, UnsupportedError, type MaceModel } from '@mace/core';
import { selectHead } from '@mace/core/model';
import { chemicalSymbols } from '@mace/core/structure';
import { Attributes } from './attributes.js';
import { movedTo, type ModuleNode } from './module-tree.js';
import type { TensorReader } from './pickle/tensors.js';

export interface Unwrapped {
  /** The MACE. */
  readonly root: ModuleNode;
  /** Python name of the wrapper, or null. */
  readonly wrapper: string | null;
  /** Index of the head that the wrapper computes; null where it leaves the choice. */
  readonly head: number | null;
  /** What wrappers repeat of the model's settings, from which LAMMPS takes its neighbors and elements. */
  readonly repeated: readonly Repeated[];
}

interface Repeated {
  readonly name: string;
  readonly setting: 'cutoff' | 'atomicNumbers' | 'numInteractions' | 'elements';
  readonly values: readonly number[];
}

/**
 * Wrappers that hand their inputs to one model and return its energy, in other units or for some of the atoms. Any other may
 * add to it or change it.
 */
const known = /^(LAMMPS_MACE|LAMMPS_MLIAP_MACE|MACEEdgeForcesWrapper|MACEForce|MACE_openmm2?|\w*CP2K\w*)$/i;

/** @throws FormatError, UnsupportedError that names the class */
export function unwrapped(root: ModuleNode, tensors: TensorReader): Unwrapped {
  if (isMace(root)) return { root, wrapper: null, head: null, repeated: [] };
  const children = [...root.children.values()].filter((child) => !child.className.endsWith('Config'));
  const [inner, ...others] = children;
  if (!inner || !holdsMace(root)) throw refusal(root);
  if (!known.test(root.className) || others.length > 0)
    throw new UnsupportedError(
      'model',
      `The file holds a ${root.qualifiedName} around ${others.length > 0 ? `${children.length} modules (${children.map(({ path }) => path).join(', ')}), a MACE among them` : 'a MACE'}; only wrappers of LAMMPS, OpenMM and CP2K around one model can be opened, because another may change its energy. Open the .model file from which this one was made.`,
    );
  const read = new Attributes(tensors);
  const head = read.number(root, 'head') ?? null;
  checkInputs(root, read);
  const within = unwrapped(movedTo(inner, ''), tensors);
  return {
    root: within.root,
    wrapper: root.qualifiedName,
    head: head ?? within.head,
    repeated: [...repeatedBy(root, read), ...within.repeated],
  };
}

/** The model with the head of its wrapper only. @throws FormatError where both disagree, or the wrapper names none of several */
export function withOwnHead(model: MaceModel, { wrapper, head, repeated }: Unwrapped): MaceModel {
  if (wrapper === null) return model;
  checkRepeated(model, wrapper, repeated);
  const { heads } = model.config;
  if (head === null) {
    if (heads.length === 1 || !/^(LAMMPS|MACEEdge)/.test(wrapper.split('.').at(-1)!))
      return { ...model, provenance: { ...model.provenance, wrapper } };
    throw new FormatError(
      `The ${wrapper} of this file does not say which head it computes; the model has ${heads.join(', ')}. Open the .model file from which it was made, and choose one.`,
    );
  }
  const name = heads[head];
  if (name === undefined)
    throw new FormatError(
      `The ${wrapper} of this file computes head ${head}; the model has ${heads.length} (${heads.join(', ')}). The file is damaged.`,
    );
  return { ...selectHead(model, name), provenance: { ...model.provenance, wrapper, head: name } };
}

function repeatedBy(root: ModuleNode, read: Attributes): Repeated[] {
  const { attributes, tensors } = root;
  const numbers = (name: string): readonly number[] | undefined =>
    typeof attributes.get(name) === 'number' ? [read.number(root, name)!] : read.numbers(root, name);
  const symbols = tensors.has('element_types') ? undefined : read.texts(root, 'element_types');
  const radius = read.number(root, 'rcutfac');
  const found: readonly (readonly [string, Repeated['setting'], readonly number[] | undefined])[] = [
    ['r_max', 'cutoff', numbers('r_max')],
    ['atomic_numbers', 'atomicNumbers', numbers('atomic_numbers')],
    ['num_interactions', 'numInteractions', numbers('num_interactions')],
    // ML-IAP's own spelling: half of the cut-off, and symbols.
    ['2 rcutfac', 'cutoff', radius === undefined ? undefined : [2 * radius]],
    ['num_species', 'elements', numbers('num_species')],
    ['element_types', 'atomicNumbers', symbols?.map((symbol) => chemicalSymbols.indexOf(symbol))],
  ];
  return found.flatMap(([name, setting, values]) => (values ? [{ name, setting, values }] : []));
}

/** @throws FormatError that gives both sides */
function checkRepeated({ config }: MaceModel, wrapper: string, repeated: readonly Repeated[]): void {
  for (const { name, setting, values } of repeated) {
    const own = [setting === 'elements' ? config.atomicNumbers.length : config[setting]].flat();
    // Copies of one number may have been rounded to different precisions.
    if (values.length === own.length && own.every((value, i) => Math.abs(values[i]! - value) <= 3e-7 * value)) continue;
    throw new FormatError(
      `The ${wrapper} of this file has ${name} = ${values.slice(0, 20).join(' ')}, but its model has ${own.join(' ')}: LAMMPS would compute with the one, mace-torch with the other. Open the .model file from which it was made, or make this one again.`,
    );
  }
}

/** The ML-IAP wrapper fixes the extra inputs; ours default to the same. */
function checkInputs(root: ModuleNode, read: Attributes): void {
  for (const [name, usual] of [
    ['total_charge', 0],
    ['total_spin', 1],
  ] as const) {
    const value = read.number(root, name) ?? usual;
    if (value !== usual)
      throw new UnsupportedError(
        'model',
        `The ${root.qualifiedName} of this file fixes ${name} to ${value}; expected ${usual}. Open the .model file from which it was made, and give ${name} as an input.`,
      );
  }
}

function isMace(node: ModuleNode): boolean {
  return /^mace\.modules\.models\.(ScaleShift)?MACE$/.test(node.qualifiedName);
}

function holdsMace(node: ModuleNode): boolean {
  return isMace(node) || [...node.children.values()].some(holdsMace);
}

function refusal(root: ModuleNode): Error {
  if (root.className === 'MACE' || root.className === 'ScaleShiftMACE')
    return new FormatError(
      `The file holds a ${root.qualifiedName}; expected the class of mace.modules.models. Save the model with an unmodified mace-torch.`,
    );
  return new UnsupportedError(
    'model',
    `The file holds a ${root.qualifiedName}; only MACE and ScaleShiftMACE can be evaluated. Open a .model file saved by mace-torch.`,
  );
}
