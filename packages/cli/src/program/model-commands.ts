/** Commands that take models: model, models, export. */
import { Option, type Command } from 'commander';
import { stages } from '../stages.js';
import type { Commands } from './commands.js';
import { modelHelp, precisionOption, toldOptions } from './options.js';

export function addModelCommands(program: Command, run: Commands): void {
  addModel(program, run);
  addModels(program, run);
  const onnx = program
    .command('export')
    .description('models for other programs')
    .command('onnx')
    .description('one ONNX file that gives energies, forces and stress in any ONNX runtime')
    .argument('<model>', modelHelp)
    .argument('<out>', 'an .onnx file')
    .option('--outputs <names>', 'energy, energies, forces, stress, descriptors', 'energy,forces,stress')
    .addOption(precisionOption('export'))
    .option('--elements <list>', 'only these elements, which makes the file smaller: H,C,O')
    .option('--head <name>', 'head of a model with several')
    .addOption(
      new Option('--from <input>', 'what the file takes: positions with a neighbor list, or edge vectors')
        .choices(['positions', 'edges'])
        .default('positions'),
    );
  told(onnx).action((model, out, options) => run.exportOnnx(model, out, options));
}

function addModel(program: Command, run: Commands): void {
  const model = program.command('model').description('inspect, convert and print models');
  told(
    model
      .command('inspect')
      .description(
        'architecture, elements, heads, cut-off, energies of isolated atoms; nothing in the file is executed',
      )
      .argument('[model]', modelHelp)
      .option('--json', 'as one JSON object'),
  ).action((file, options) => run.inspect(file, options));
  told(
    model
      .command('convert')
      .description("upstream's .model file or checkpoint to our format (one safetensors file)")
      .argument('<in>', modelHelp)
      .argument('<out>', 'a .safetensors file')
      .option('--licence <text>', 'licence of the weights, kept in the file')
      .option('--json-copy', 'also write the metadata beside it as JSON'),
  ).action((input, output, options) => run.convertModel(input, output, options));
  told(
    model
      .command('select-head')
      .description('a model with one head of a model with several')
      .argument('<in>', modelHelp)
      .argument('<out>', 'a .safetensors file')
      .requiredOption('--head <name>', 'the head to keep'),
  ).action((input, output, options) => run.selectHead(input, output, options));
  told(
    model
      .command('print')
      .description('the graph of a model as text')
      .argument('[model]', modelHelp)
      .addOption(new Option('--stage <name>', 'which graph').choices(stages).default('model'))
      .addOption(new Option('--precision <name>', 'of the tables in the plan').choices(['f64', 'f32']).default('f32'))
      .option('--exact', 'the plan without tables')
      .option('--scope <pattern>', "only statements of matching scopes, such as 'interaction[0]/*'")
      .option('--full', 'tables and constants in full; the text can be parsed back'),
  ).action((file, options) => run.printModel(file, options));
}

function addModels(program: Command, run: Commands): void {
  const models = program.command('models').description('published models by name: list, download, verify');
  models
    .command('list')
    .description('every published model: elements, heads, licence, and whether its file is here')
    .option('--elements <list>', 'only models that know all of them: Fe,C')
    .option('--json', 'one JSON object per model')
    .action((options) => run.listModels(options));
  models
    .command('pull')
    .description('download models to the cache, which mace-torch shares')
    .argument('<names...>', 'names of `mace models list`')
    .addOption(licenceOption())
    .action((names, options) => run.pullModels(names, options));
  models
    .command('path')
    .description('where the file of a model is; it is downloaded if it is not here')
    .argument('<name>')
    .addOption(licenceOption())
    .action((name, options) => run.modelPath(name, options));
  models
    .command('verify')
    .description("compare a file in the cache with its checksum, and what it computes with mace-torch's own numbers")
    .argument('<names...>')
    .option('--json', 'one JSON object per model')
    .action((names, options) => run.verifyModels(names, options));
  models
    .command('import')
    .description('put a file that came by other means into the cache')
    .argument('<file>')
    .option('--name <name>', 'which published model it is; its checksum or name tell it otherwise')
    .addOption(licenceOption())
    .action((file, options) => run.importModel(file, options));
}

function told(command: Command): Command {
  for (const option of toldOptions()) command.addOption(option);
  return command;
}

function licenceOption(): Option {
  return new Option('--accept-licence <name>', 'accept this licence, once for all models under it').choices(['ASL']);
}
