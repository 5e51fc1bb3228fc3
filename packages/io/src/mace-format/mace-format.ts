/**
 * This project's own model file: safetensors with the configuration and the provenance as JSON in its metadata.
 *
 * Weights keep their names, precision and bits. Version 1; a reader refuses later versions.
 */
import { FormatError, UnsupportedError, type MaceModel, type Provenance, type Tensor } from '@mace/core';
import { configFromJson } from '../model/config-json.js';
import { isolatedAtomEnergies } from '../model/isolated-atoms.js';
import { checkModel } from '../model/model-check.js';
import { quote, quoteJson } from '../model/quote.js';
import { readSafeTensors, writeSafeTensors } from './safetensors.js';
import { checkTwiceStated } from './twice-stated.js';
import { checkName, finite } from '../model/weights.js';

const format = 'mace-model';
const version = 1;

/** The bytes of a model file, conventionally `.safetensors`. @throws FormatError for a model that the reader would refuse */
export function writeModelBytes(model: MaceModel): Uint8Array {
  checkModel(model);
  for (const [name, tensor] of Object.entries(model.weights)) finite(name, tensor);
  return writeSafeTensors(model.weights, {
    format,
    formatVersion: String(version),
    config: JSON.stringify(model.config),
    provenance: JSON.stringify(model.provenance ?? {}),
    isolatedAtomEnergies: JSON.stringify(isolatedAtomEnergies(model)),
  });
}

/** @throws FormatError, UnsupportedError for a later version */
export function readModelBytes(bytes: Uint8Array): MaceModel {
  const { tensors, metadata } = readSafeTensors(bytes);
  if (metadata.get('format') !== format) {
    throw new FormatError(
      `This safetensors file is not a MACE model of this program: its metadata have format ${quoteJson(metadata.get('format') ?? null)}; expected "${format}". Convert a .model file.`,
    );
  }
  const found = metadata.get('formatVersion') ?? '';
  if (Number(found) > version)
    throw new UnsupportedError(
      'model',
      `This model file has the format version ${quote(found)}; this program reads up to ${version}. Update it.`,
    );
  if (found !== String(version))
    throw new FormatError(
      `This model file has the format version ${quote(found)}; expected "${version}". Convert the model again.`,
    );
  const weights: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const [name, tensor] of Object.entries(tensors)) {
    checkName(name);
    weights[name] = finite(name, tensor);
  }
  const model: MaceModel = {
    config: configFromJson(jsonOf(metadata, 'config')),
    weights,
    provenance: provenanceOf(jsonOf(metadata, 'provenance')),
  };
  checkModel(model);
  checkTwiceStated(model, metadata.has('isolatedAtomEnergies') ? jsonOf(metadata, 'isolatedAtomEnergies') : undefined);
  return model;
}

function jsonOf(metadata: ReadonlyMap<string, string>, name: string): unknown {
  try {
    return JSON.parse(metadata.get(name) ?? '');
  } catch (cause) {
    throw new FormatError(`The metadata ${name} of this model file is missing or not JSON. Convert the model again.`, {
      cause,
    });
  }
}

function provenanceOf(value: unknown): Provenance {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Provenance;
  throw new FormatError('The metadata provenance of this model file is not an object. Convert the model again.');
}
