/** What lowerings are given and what they make: tensors of the ONNX graph, and where sizes, maps and leaves come from. */
import type { Dim, IndexMap, Shape } from '@mace/core/ir';
import type { ModelBuilder, RealType } from './model-builder.js';

/** A tensor of the ONNX graph; `shape` may have 1 where the type of its node has more. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** Whether a row must have the same bits beside any other rows, and whether products need help with that. */
export type SameBits = false | 'plain products' | 'padded products';

/** Where sizes, index maps and leaves come from: inputs of a session, or other tensors of a file. */
export interface Context {
  readonly model: ModelBuilder;
  readonly real: RealType;
  readonly sameBits: SameBits;
  /** Whether kernels may be shaders, which have few digits of some functions and no empty buffers. */
  readonly shaders: boolean;
  /** int64 [1]: a size. */
  rowsOf(dim: Dim): string;
  /** int64 [rows of the map]: the target of each row. */
  mapValues(map: IndexMap): string;
  /**
   * int64 [targets, most rows of a target]: the rows of each target, filled up with the number of rows. Null where rows are
   * added one by one, which ONNX Runtime does right with one thread only.
   */
  mapRows(map: IndexMap): string | null;
  /** An input with elements of type `real`. */
  input(name: string): string;
  parameter(name: string): string;
}
