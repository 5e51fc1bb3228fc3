/** How far lists reach beyond the cutoff. */
import { StructureError } from '../errors.js';
import { edgesEndAtCutoff, type MaceConfig } from '../model/index.js';

/** Å. Tables end at the cutoff, so that edges beyond it cost little; without them they cost as much as others. */
const usualSkin = { withTables: 0.5, without: 0.2 };

/** More than float32 rounds a distance by, relative to it, whatever engine computes it. */
const float32Rounding = 1e-6;

/**
 * The skin that was asked for, or the usual one; 0 for models whose edges do not end at the cutoff.
 * @throws StructureError
 */
export function skinOf(config: MaceConfig, given: number | undefined, tables: boolean): number {
  const usual = tables ? usualSkin.withTables : usualSkin.without;
  const skin = given ?? usual;
  if (!(skin >= 0 && Number.isFinite(skin)))
    throw new StructureError(`bind: a skin of ${skin} Å. Give a number from 0 on; ${usual} is usual.`);
  return edgesEndAtCutoff(config) ? skin : 0;
}

/**
 * Å: up to where edges may count, whatever the skin. In float32 a distance just beyond the cutoff may round to below it: all lists have
 * those pairs, so that it does not depend on a skin whether they count.
 */
export function reachOf(config: MaceConfig, precision: 'f64' | 'f32'): number {
  return precision === 'f32' && edgesEndAtCutoff(config) ? config.cutoff * (1 + float32Rounding) : config.cutoff;
}
