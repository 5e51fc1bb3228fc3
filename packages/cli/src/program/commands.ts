/** What each command runs, loaded when it runs; a test puts its own in place to see what reaches them. */
export const commands = {
  eval: lazily(async () => (await import('../commands/eval.js')).evaluate),
  relax: lazily(async () => (await import('../commands/relax.js')).relax),
  md: lazily(async () => (await import('../commands/md.js')).md),
  eos: lazily(async () => (await import('../commands/eos.js')).eos),
  convert: lazily(async () => (await import('../commands/convert.js')).convertStructures),
  bench: lazily(async () => (await import('../commands/bench.js')).bench),
  estimate: lazily(async () => (await import('../commands/estimate.js')).estimate),
  inspect: lazily(async () => (await import('../commands/model-inspect.js')).inspect),
  convertModel: lazily(async () => (await import('../commands/model-convert.js')).convertModel),
  selectHead: lazily(async () => (await import('../commands/model-select-head.js')).selectHead),
  printModel: lazily(async () => (await import('../commands/model-print.js')).printModel),
  exportOnnx: lazily(async () => (await import('../commands/export-onnx.js')).exportOnnxFile),
  listModels: lazily(async () => (await import('../commands/models.js')).listModels),
  pullModels: lazily(async () => (await import('../commands/models.js')).pullModels),
  modelPath: lazily(async () => (await import('../commands/models.js')).printModelPath),
  verifyModels: lazily(async () => (await import('../commands/models.js')).verifyModels),
  importModel: lazily(async () => (await import('../commands/models.js')).importModelFile),
  ipi: lazily(async () => (await import('../commands/ipi.js')).ipi),
  view: lazily(async () => (await import('../commands/view.js')).view),
  gui: lazily(async () => (await import('../commands/gui.js')).gui),
  conform: lazily(async () => (await import('../commands/conform.js')).conform),
  doctor: lazily(async () => (await import('../commands/doctor.js')).doctor),
  demo: lazily(async () => (await import('../commands/demo.js')).demo),
};

export type Commands = typeof commands;

function lazily<Given extends unknown[]>(
  load: () => Promise<(...given: Given) => Promise<void>>,
): (...given: Given) => Promise<void> {
  return async (...given) => (await load())(...given);
}
