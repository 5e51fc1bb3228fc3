/** The typed graph: types, building, walking, checking, rewriting, and its text form. */
export type * from './types.js';
export { GraphBuilder, rewrite } from './builder.js';
export { bodiesOf, mapOf } from './attributes.js';
export { TypeMismatch, arity, fixedSize, formatType, inferType, sameShape, sameType } from './infer.js';
export { attributesKey, graphHash, hashText, mapKey, nodeHash, tableKey } from './keys.js';
export { intervalLength, pieceWeights } from './pieces.js';
export { degree, forwardTable, polynomialTable, renumberOperands, reverseTable } from './polynomial.js';
export { dependents, fixedNodes, graphFrom, isLeaf, mapsOf, nodesOf, topologicalOrder, usersOf } from './traverse.js';
export { rowsRead, type RowsRead } from './row-locality.js';
export { verify } from './verify.js';
export { print, printStatement, scopePattern, type PrintOptions } from './print.js';
export { parse } from './parse.js';
export { uniformValue } from './simplify-known.js';
export { SimplifyingBuilder, simplify, type SimplifyOptions } from './simplify.js';
export { LegalizingBuilder, isPrimitive, legalize, primitiveOps } from './legalize.js';
export { decompositions, type Decomposition } from './decompositions.js';
