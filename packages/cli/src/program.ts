/** The command line: every command with its options. What a command does is in `commands/`. */
import { FormatError } from '@mace/core';
import { Command, Option } from 'commander';
import { structureFormats } from '@mace/io';
import { defaultBackend } from './backends.js';
import { complain, print } from './console.js';
import { version } from './version.js';
import { convertModel, type ConvertOptions } from './commands/model-convert.js';
import { inspect, type InspectOptions } from './commands/model-inspect.js';
import { printModel, stages, type PrintModelOptions } from './commands/model-print.js';
import { selectHead, type SelectHeadOptions } from './commands/model-select-head.js';
import type { ConvertOptions as ConvertStructuresOptions } from './commands/convert.js';
import type { BenchOptions } from './commands/bench.js';
import type { EstimateOptions } from './commands/estimate.js';
import type { ConformOptions } from './commands/conform.js';
import type { ExportOnnxOptions } from './commands/export-onnx.js';
import { evaluate, type EvalOptions } from './commands/eval.js';
import { demo } from './commands/demo.js';

export function createProgram(): Command {
  const program = new Command('mace')
    .description('Energies, forces and stress of molecules and materials from a MACE model.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: complain })
    .showHelpAfterError();
  addEval(program);
  addConvert(program);
  addBench(program);
  addEstimate(program);
  addModel(program);
  addConform(program);
  addExport(program);
  program
    .command('demo', { hidden: true })
    .description('what `npm start` shows')
    .argument('[structures]', 'a structure file; the bundled structures by default')
    .action((file: string | undefined) => demo(file));
  return program;
}

function addEval(program: Command): void {
  program
    .command('eval')
    .description('energies, forces and stress of every structure in a file')
    .option('--model <file>', 'a .model, checkpoint or .safetensors file; the bundled H, C, N, O model by default')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .addOption(
      new Option(
        '--structures <file>',
        'structures: extended XYZ, XYZ, CIF, POSCAR, PDB, JSON (.gz too); - is standard input',
      ).conflicts('configs'),
    )
    .addOption(new Option('--configs <file>', 'the same, as mace-torch spells it').hideHelp())
    .addOption(formatOption())
    .option('--backend <name>', 'what computes', defaultBackend)
    .addOption(threadsOption())
    .addOption(new Option('--precision <name>', 'precision of the graph').choices(['f64', 'f32']).default('f64'))
    .addOption(
      new Option('--default_dtype <name>', 'the same, as mace-torch spells it')
        .choices(['float64', 'float32'])
        .hideHelp(),
    )
    .addOption(headOption())
    .option('--charge <number>', 'total charge, for models that know it', numberOf('--charge'))
    .option('--spin <number>', 'total spin multiplicity, for models that know it', numberOf('--spin'))
    .option('--output <file>', 'write the structures with their results as extended XYZ, .gz too; - is standard output')
    .option('--json', 'print one JSON object per structure and nothing else')
    .addOption(new Option('--info-prefix <text>', 'prefix of the result keys in the output file').default('MACE_'))
    .addOption(new Option('--info_prefix <text>').hideHelp())
    .addOption(
      new Option('--compute_stress', 'accepted for mace-torch; the stress is always computed and written').hideHelp(),
    )
    .option('--return-node-energies', 'write energies per atom (without isolated atoms) to the output file')
    .addOption(new Option('--return_node_energies').hideHelp())
    .option('--return-descriptors', 'write node features to the output file')
    .addOption(new Option('--return_descriptors').hideHelp())
    .addOption(new Option('--descriptor_num_layers <n>').argParser(numberOf('--descriptor_num_layers')).hideHelp())
    .addOption(
      new Option('--descriptor_invariants_only <true|false>')
        .argParser(flagOf('--descriptor_invariants_only'))
        .hideHelp(),
    )
    .addOption(new Option('--batch-size <n>', 'structures read and computed together').argParser(Number).default(64))
    .addOption(new Option('--batch_size <n>').argParser(Number).hideHelp())
    .addOption(new Option('--device <name>', 'accepted for mace-torch; ours is chosen by --backend').hideHelp())
    .addOption(
      new Option(
        '--tables',
        'functions of distance from tables: faster, within 1e-8 eV/atom and 1e-7 eV/Å in f64',
      ).conflicts(['exact', 'unplanned']),
    )
    .option('--exact', 'functions of distance computed exactly; the default')
    .option('--unplanned', 'compute with the graph exactly as the model is written')
    .action((options: Record<string, unknown>) => evaluate(evalOptions(options)));
}

/** Upstream's spellings and ours as one set of options. */
function evalOptions(raw: Record<string, unknown>): EvalOptions {
  const dtype = raw.default_dtype as string | undefined;
  return {
    model: raw.model as string | undefined,
    structures: (raw.structures ?? raw.configs) as string | undefined,
    format: raw.format as string | undefined,
    backend: raw.backend as string,
    precision: dtype ? (dtype === 'float32' ? 'f32' : 'f64') : (raw.precision as 'f64' | 'f32'),
    head: raw.head as string | undefined,
    charge: raw.charge as number | undefined,
    spin: raw.spin as number | undefined,
    ...(raw.like !== undefined && { like: raw.like as string }),
    ...(raw.loraAlpha !== undefined && { loraAlpha: raw.loraAlpha as number }),
    output: raw.output as string | undefined,
    json: raw.json === true,
    infoPrefix: (raw.info_prefix ?? raw.infoPrefix) as string,
    nodeEnergies: raw.returnNodeEnergies === true || raw.return_node_energies === true,
    descriptors: raw.returnDescriptors === true || raw.return_descriptors === true,
    descriptorLayers: (raw.descriptor_num_layers as number | undefined) ?? -1,
    descriptorInvariantsOnly: (raw.descriptor_invariants_only as boolean | undefined) ?? true,
    batchSize: (raw.batch_size ?? raw.batchSize) as number,
    plan: raw.unplanned !== true,
    tables: raw.tables === true,
  };
}

function addConvert(program: Command): void {
  program
    .command('convert')
    .description('structures from one format to another; frames by @ as in ASE: traj.xyz@-1, traj.xyz@0:10:2')
    .argument('<in>', 'a structure file; - is standard input')
    .argument('<out>', 'its ending tells the format: .extxyz, .cif, .vasp, .pdb, .ase.json, .pymatgen.json (.gz too)')
    .addOption(formatOption())
    .option('--output-format <name>', 'format of the output, where its name does not tell it')
    .option('--drop', 'leave out what the format does not hold; without it that is an error')
    .action(async (input: string, output: string, options: ConvertStructuresOptions) => {
      const { convertStructures } = await import('./commands/convert.js');
      await convertStructures(input, output, options);
    });
}

/** Names come from the table of formats, so that a new one needs no change here. */
function formatOption(): Option {
  return new Option('--format <name>', 'format of the structures; name and content decide without it').choices(
    structureFormats.flatMap(({ name, otherNames = [] }) => [name, ...otherNames]),
  );
}

function headOption(): Option {
  return new Option('--head <name>', "head of a model with several; the structure's own key `head` otherwise");
}

function likeOption(): Option {
  return new Option(
    '--like <file>',
    'for a checkpoint: a model of the same run, or its settings as JSON, for what a checkpoint does not hold',
  );
}

function loraAlphaOption(): Option {
  return new Option('--lora-alpha <number>', 'for a checkpoint with LoRA adapters: α of the training').argParser(
    numberOf('--lora-alpha'),
  );
}

/** A finite number, and nothing else. @throws FormatError */
function numberOf(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new FormatError(`${option} ${JSON.stringify(text)}: expected a number.`);
  };
}

/** As Python's argparse of mace-torch spells it. @throws FormatError */
function flagOf(option: string): (text: string) => boolean {
  return (text) => {
    if (/^(true|1|yes|y|t)$/i.test(text)) return true;
    if (/^(false|0|no|n|f)$/i.test(text)) return false;
    throw new FormatError(`${option} ${JSON.stringify(text)}: expected true or false.`);
  };
}

function threadsOption(): Option {
  return new Option('--threads <n>', 'threads of the backend wasm; all of the machine by default').argParser(Number);
}

function addBench(program: Command): void {
  program
    .command('bench')
    .description('time of energy and forces on a prepared graph: µs/atom, atoms·steps/s, ns/day')
    .option('--model <file>', 'a .model, checkpoint or .safetensors file; the bundled H, C, N, O model by default')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .option('--structures <file>', 'structures, all as one batch; the bundled ice by default')
    .addOption(formatOption())
    .addOption(headOption())
    .option('--backend <name>', 'what computes', defaultBackend)
    .addOption(new Option('--precision <name>', 'precision of the graph').choices(['f64', 'f32']).default('f32'))
    .addOption(new Option('--exact', 'functions of distance computed exactly').conflicts('tables'))
    .option('--tables', 'functions of distance from tables; the default')
    .addOption(threadsOption())
    .addOption(new Option('--repeat <n>', 'runs that are timed').argParser(Number).default(10))
    .option('--profile', 'where the time goes, kernel by kernel, on one thread')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: BenchOptions) => {
      const { bench } = await import('./commands/bench.js');
      await bench(options);
    });
}

function addEstimate(program: Command): void {
  program
    .command('estimate')
    .description('memory and time that energy and forces would take, before computing them')
    .option('--model <file>', 'a .model, checkpoint or .safetensors file; the bundled H, C, N, O model by default')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .option('--structures <file>', 'structures, all as one batch; the bundled ice by default')
    .addOption(formatOption())
    .addOption(headOption())
    .option('--backend <name>', 'what would compute', defaultBackend)
    .addOption(new Option('--precision <name>', 'precision of the graph').choices(['f64', 'f32']).default('f32'))
    .addOption(new Option('--exact', 'functions of distance computed exactly').conflicts('tables'))
    .option('--tables', 'functions of distance from tables; the default')
    .addOption(threadsOption())
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: EstimateOptions) => {
      const { estimate } = await import('./commands/estimate.js');
      await estimate(options);
    });
}

function addExport(program: Command): void {
  program
    .command('export')
    .description('models for other programs')
    .command('onnx')
    .description('one ONNX file that gives energies, forces and stress in any ONNX runtime')
    .argument('<model>', 'a .model, checkpoint or .safetensors file')
    .argument('<out>', 'an .onnx file')
    .option('--outputs <names>', 'energy, energies, forces, stress, descriptors', 'energy,forces,stress')
    .addOption(
      new Option('--precision <name>', 'precision of the graph; sums of energies are always in double')
        .choices(['f64', 'f32'])
        .default('f32'),
    )
    .option('--elements <list>', 'only these elements, which makes the file smaller: H,C,O')
    .option('--head <name>', 'head of a model with several')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .addOption(
      new Option('--from <input>', 'what the file takes: positions with a neighbor list, or edge vectors')
        .choices(['positions', 'edges'])
        .default('positions'),
    )
    .action(async (model: string, out: string, options: ExportOnnxOptions) => {
      const { exportOnnxFile } = await import('./commands/export-onnx.js');
      await exportOnnxFile(model, out, options);
    });
}

function addConform(program: Command): void {
  program
    .command('conform')
    .description('prove that backends compute right: ops, derivatives, physics, numbers of mace-torch')
    .option('--backend <names>', 'names, folders or packages, separated by commas; default all that are known here')
    .addOption(new Option('--precision <name>', 'precision to test').choices(['f64', 'f32', 'both']).default('both'))
    .option(
      '--only <path>',
      'cases whose path begins so, such as ops/add or physics/*/A; may be repeated',
      collected,
      [],
    )
    .option('--json', 'one JSON object per backend and precision, and nothing else')
    .option('--output <file>', 'write the reports as JSON')
    .option('--list', 'print the paths of the cases and run none')
    .addOption(new Option('--timeout <seconds>', 'for each case').argParser(Number).default(600))
    .action(async (options: Omit<ConformOptions, 'json' | 'list'> & { json?: boolean; list?: boolean }) => {
      // The kit and its numbers are loaded only when asked for.
      const { conform } = await import('./commands/conform.js');
      await conform({ ...options, json: options.json === true, list: options.list === true });
    });
}

function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function addModel(program: Command): void {
  const model = program.command('model').description('inspect, convert and print models');
  model
    .command('inspect')
    .description('architecture, elements, heads, cut-off, energies of isolated atoms; nothing in the file is executed')
    .argument('[file]', 'the bundled model by default')
    .option('--json', 'as one JSON object')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .action((file: string | undefined, options: InspectOptions) => inspect(file, options));
  model
    .command('convert')
    .description("upstream's .model file or checkpoint to our format (one safetensors file)")
    .argument('<in>')
    .argument('<out>', 'a .safetensors file')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .option('--licence <text>', 'licence of the weights, kept in the file')
    .option('--json-copy', 'also write the metadata beside it as JSON')
    .action((input: string, output: string, options: ConvertOptions) => convertModel(input, output, options));
  model
    .command('select-head')
    .description('a model with one head of a model with several')
    .argument('<in>')
    .argument('<out>', 'a .safetensors file')
    .requiredOption('--head <name>', 'the head to keep')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .action((input: string, output: string, options: SelectHeadOptions) => selectHead(input, output, options));
  model
    .command('print')
    .description('the graph of a model as text')
    .argument('[file]', 'the bundled model by default')
    .addOption(likeOption())
    .addOption(loraAlphaOption())
    .addOption(new Option('--stage <name>', 'which graph').choices(stages).default('model'))
    .addOption(new Option('--precision <name>', 'of the tables in the plan').choices(['f64', 'f32']).default('f32'))
    .option('--exact', 'the plan without tables')
    .option('--scope <pattern>', "only statements of matching scopes, such as 'interaction[0]/*'")
    .option('--full', 'tables and constants in full; the text can be parsed back')
    .action((file: string | undefined, options: PrintModelOptions) => printModel(file, options));
}
