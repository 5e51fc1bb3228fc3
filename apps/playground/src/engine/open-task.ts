/** Opens a model on a backend. The model stays open when only the backend changes. */
import {
  CancelledError,
  createCalculator,
  FormatError,
  StructureError,
  type BackendDefinition,
  type Calculator,
  type MaceModel,
} from '@mace/core';
import { readModel as readModelBytes } from '@mace/io';
import { publishedModels, readModel } from '@mace/models';
import { keepModel, readKeptModel } from '../storage/kept-models.js';
import { whyNotStored } from '../storage/why-not-stored.js';
import { largestModel } from './limits.js';
import { loadAvailable } from './load-backend.js';
import type { Choice, ModelFacts, ModelSource, Opened, Progress } from './messages.js';
import { every, whenCancelled } from './pace.js';
import type { TaskContext } from './task-context.js';

interface OpenedModel {
  readonly model: MaceModel;
  readonly facts: ModelFacts;
  /** What can be kept for later visits. */
  readonly file?: Uint8Array | undefined;
}
interface Open extends OpenedModel {
  readonly calculator: Calculator;
}
let current: Open | null = null;

/** @param input - without a source the open model stays */
export async function open(
  { source, choice }: { source: ModelSource | null; choice: Choice },
  { emit, cancellation, tellRenewed }: TaskContext<'open'>,
): Promise<Opened> {
  const { model, facts, file } = source ? await openModel(source, emit, cancellation) : requireOpen();
  emit({ text: `starting ${choice.backend}` });
  const calculator = await unlessCancelled(calculatorOn(model, choice, tellRenewed), cancellation);
  const before = current;
  current = { model, facts, calculator };
  await before?.calculator.dispose();
  return { facts, choice, device: calculator.device, unkept: file ? await whyNotKept(file, facts) : null };
}

/** The calculator of the open model. @throws StructureError before there is one */
export function openCalculator(): Calculator {
  return requireOpen().calculator;
}

function requireOpen(): Open {
  if (!current) throw new StructureError('no model is open. Choose one under Model.');
  return current;
}

async function openModel(
  source: ModelSource,
  emit: (progress: Progress) => void,
  cancellation: { readonly aborted: boolean },
): Promise<OpenedModel> {
  if (source.kind === 'bundled') {
    const model = await readModel('bundled');
    return { model, facts: factsOf(model, 'bundled model (H, C, N, O)', 'bundled') };
  }
  if (source.kind === 'published') return download(source, emit, cancellation);
  emit({ text: `opening ${source.name}` });
  const bytes = await (source.kind === 'file' ? bytesOf(source.file) : readKeptModel(source.file, source.name));
  const model = await readModelBytes(bytes, { name: source.name });
  return { model, facts: factsOf(model, source.name, source.kind), ...(source.kind === 'file' && { file: bytes }) };
}

/** @throws FormatError where it is too large, gone, or may not be read */
async function bytesOf(file: File): Promise<Uint8Array> {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  if (file.size > largestModel)
    throw new FormatError(
      `${file.name}: ${megabytes(file.size)} are more than this page opens as a model (${megabytes(largestModel)}). Use the command line.`,
    );
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new FormatError(`${file.name} cannot be read: ${String(cause)}. Choose it again.`, { cause });
  }
}

async function download(
  { name, acceptedLicences }: ModelSource & { kind: 'published' },
  emit: (progress: Progress) => void,
  cancellation: { readonly aborted: boolean },
): Promise<OpenedModel> {
  const stop = new AbortController();
  const endWatch = whenCancelled(cancellation, () => stop.abort());
  let file: Uint8Array | undefined;
  try {
    emit({ text: `asking for ${name}` });
    const tell = every(100, emit);
    const model = await readModel(name, {
      acceptLicence: (licence) => acceptedLicences.includes(licence),
      onProgress: (done, total) => tell(downloaded(name, done, total)),
      onFile: (bytes) => (file = bytes),
      cancellation: stop.signal,
    });
    return { model, facts: factsOf(model, name, 'published', name), file };
  } finally {
    endWatch();
  }
}

/** An engine may take long to fetch and to begin. What comes too late is not used. @throws CancelledError */
async function unlessCancelled(
  coming: Promise<Calculator>,
  cancellation: { readonly aborted: boolean },
): Promise<Calculator> {
  return new Promise((resolve, reject) => {
    const endWatch = whenCancelled(cancellation, () => {
      reject(new CancelledError('starting an engine'));
      coming.then((late) => late.dispose()).catch(() => undefined);
    });
    coming.finally(endWatch).then(resolve, reject);
  });
}

async function whyNotKept(bytes: Uint8Array, { name, sha256, published }: ModelFacts): Promise<string | null> {
  try {
    await keepModel(bytes, { name, sha256, published });
    return null;
  } catch (error) {
    return `${name} is open, and is not kept for later visits: ${whyNotStored(error)}.`;
  }
}

function downloaded(name: string, done: number, total: number | undefined): Progress {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  if (total === undefined) return { text: `downloading ${name}: ${megabytes(done)} MB` };
  return { text: `downloading ${name}: ${megabytes(done)} of ${megabytes(total)} MB`, fraction: done / total };
}

async function calculatorOn(model: MaceModel, choice: Choice, onRenewed: () => void): Promise<Calculator> {
  const { definition } = await loadAvailable(choice.backend);
  const { precision, tables } = choice;
  return createCalculator({ model, backend: tellingRenewal(definition, onRenewed), precision, tables });
}

/** A calculator makes its backend once more where the device was lost. */
function tellingRenewal(definition: BackendDefinition, onRenewed: () => void): BackendDefinition {
  let isFirst = true;
  return {
    ...definition,
    create: async () => {
      const backend = await definition.create();
      if (!isFirst) onRenewed();
      isFirst = false;
      return backend;
    },
  };
}

function factsOf(
  { config, weights, provenance }: MaceModel,
  name: string,
  source: ModelSource['kind'],
  published: string | null = null,
): ModelFacts {
  const sha256 = provenance?.sha256 ?? null;
  const known = publishedModels.find((one) => one.name === published || (sha256 !== null && one.sha256 === sha256));
  return {
    name: known?.title ?? name,
    source,
    elements: [...config.atomicNumbers].sort((a, b) => a - b),
    cutoff: config.cutoff,
    heads: config.heads,
    inputs: config.embeddings.map((one) => one.name),
    inputKeys: Object.fromEntries(config.embeddings.flatMap(({ name, key }) => (key ? [[name, key]] : []))),
    parameters: Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
    layers: config.numInteractions,
    hidden: config.hiddenIrreps,
    precision: config.storedPrecision,
    sha256,
    licence: known?.licence ?? provenance?.licence ?? null,
    published: known?.name ?? null,
  };
}
