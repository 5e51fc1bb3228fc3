/** Graphs of a model that `mace model print` shows, from what the model is to what a GPU runs. */
export const stages = ['model', 'gradient', 'plan', 'legal', 'wgsl'] as const;
