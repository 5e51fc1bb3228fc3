/** The MACE model: configuration, energy graph, observables. */
export * from './config.js';
export {
  channelCount,
  descriptorLayers,
  layerConfigs,
  readoutConfigs,
  type LayerConfig,
  type ReadoutConfig,
} from './layers.js';
export { modelMaps, type ModelMaps } from './context.js';
export { embeddingMap } from './embedding.js';
export { maceGraph, type MaceGraphOptions } from './mace.js';
export { observablesGraph, parameterGradientGraph, type Observable } from './observables.js';
export { edgesEndAtCutoff } from './interaction.js';
export { selectHead } from './select-head.js';
export { parameterShapes, type ParameterShape } from './parameters.js';
