/** Opens a model on a backend. The model stays open when only the backend changes. */
import { createCalculator, StructureError, type Calculator, type MaceModel } from '@mace/core';
import { readModel as readModelBytes } from '@mace/io';
import { readModel } from '@mace/models';
import { loadAvailable } from './load-backend.js';
import type { Choice, ModelFacts, ModelSource, Opened } from './messages.js';
import type { TaskContext } from './task-context.js';

interface Open {
  readonly model: MaceModel;
  readonly facts: ModelFacts;
  readonly calculator: Calculator;
}
let current: Open | null = null;

/** @param input - without a source the open model stays */
export async function open(
  { source, choice }: { source: ModelSource | null; choice: Choice },
  { emit, cancellation }: TaskContext<'open'>,
): Promise<Opened> {
  const { model, facts } = source ? await openModel(source, emit, cancellation) : requireOpen();
  const calculator = await calculatorOn(model, choice, emit);
  const before = current;
  current = { model, facts, calculator };
  await before?.calculator.dispose();
  return { facts, choice, device: calculator.device };
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
  emit: (text: string) => void,
  cancellation: { readonly aborted: boolean },
): Promise<{ readonly model: MaceModel; readonly facts: ModelFacts }> {
  if (source.kind === 'bundled') {
    const model = await readModel('bundled');
    return { model, facts: factsOf(model, 'bundled model (H, C, N, O)', 'bundled') };
  }
  if (source.kind === 'file') {
    emit(`opening ${source.name}`);
    const model = await readModelBytes(source.bytes, { name: source.name });
    return { model, facts: factsOf(model, source.name, 'file') };
  }
  const stop = new AbortController();
  const look = setInterval(() => cancellation.aborted && stop.abort(), 100);
  try {
    const model = await readModel(source.name, {
      acceptLicence: (licence) => source.acceptedLicences.includes(licence),
      onProgress: (done, total) => emit(progressText(source.name, done, total)),
      cancellation: stop.signal,
    });
    return { model, facts: factsOf(model, source.name, 'published') };
  } finally {
    clearInterval(look);
  }
}

function progressText(name: string, done: number, total: number | undefined): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `downloading ${name}: ${megabytes(done)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB`;
}

async function calculatorOn(model: MaceModel, choice: Choice, emit: (text: string) => void): Promise<Calculator> {
  emit(`starting ${choice.backend}`);
  const { definition } = await loadAvailable(choice.backend);
  const { precision, tables } = choice;
  return createCalculator({ model, backend: definition, precision, tables });
}

function factsOf({ config, weights, provenance }: MaceModel, name: string, source: ModelSource['kind']): ModelFacts {
  return {
    name,
    source,
    elements: [...config.atomicNumbers].sort((a, b) => a - b),
    cutoff: config.cutoff,
    heads: config.heads,
    inputs: config.embeddings.map((one) => one.name),
    parameters: Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
    layers: config.numInteractions,
    hidden: config.hiddenIrreps,
    precision: config.storedPrecision,
    sha256: provenance?.sha256 ?? null,
    licence: provenance?.licence ?? null,
  };
}
