// The layers, one rule each, with the reason beside it. `npm run check:layers` applies them; tests/layers.test.ts plants
// a violation of every rule and wants it caught. Tests (*.test.ts, *.long.ts and what stands in a folder
// `testing`) may reach across layers; sources may not.
const { readdirSync, existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const tests = '\\.(test|full|long)\\.ts$|/testing/';
const engine = (names) => `(^|/)node_modules/(${names})|^(${names})`;

/** A rule about what one layer of core may import from core; `allowed` are folders or files without extension. */
function coreLayer(name, layer, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: `^packages/core/src/${layer}(/|\\.ts$)`, pathNot: tests },
    to: { path: `^packages/core/src/(?!(${[layer, ...allowed].join('|')})(/|\\.))` },
  };
}

/** Source files that some package's `exports` names: the only ones another package may reach. */
function frontDoors() {
  const doors = [];
  for (const name of readdirSync(join(__dirname, 'packages'))) {
    const manifest = join(__dirname, 'packages', name, 'package.json');
    if (!existsSync(manifest)) continue;
    for (const target of Object.values(JSON.parse(readFileSync(manifest, 'utf8')).exports ?? {})) {
      const source = typeof target === 'string' ? target : target['@mace/source'];
      doors.push(`packages/${name}/${source.replace('./', '')}`.replaceAll('.', '\\.'));
    }
  }
  return `^(${doors.join('|')})$`;
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle, of types too, means that two files are one idea, or that a layer reaches upwards.',
      severity: 'error',
      from: { pathNot: tests },
      to: { circular: true },
    },
    {
      name: 'core-has-no-dependencies',
      comment: 'Core runs anywhere JavaScript runs, and nobody else can break it.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: tests },
      to: { pathNot: '^packages/core/src/' },
    },
    coreLayer('errors-import-nothing', 'errors', [], 'Everything imports the errors.'),
    coreLayer('ir-is-the-bottom', 'ir', ['errors'], 'The IR knows graphs, not what they compute.'),
    coreLayer(
      'autodiff-sees-only-the-ir',
      'autodiff',
      ['ir', 'errors'],
      'Differentiation is graph to graph: a rule that knows a model or an engine is not a rule of an op.',
    ),
    coreLayer(
      'contract-sees-only-the-ir',
      'backend',
      ['ir', 'errors'],
      'The contract is all that a stranger who writes a backend has to read.',
    ),
    coreLayer(
      'equivariant-makes-tables',
      'equivariant',
      ['ir/polynomial', 'ir/types', 'errors'],
      'Equivariance ends in tables of monomials; below this folder nobody knows an irrep.',
    ),
    coreLayer(
      'structure-is-geometry',
      'structure',
      ['backend/contract', 'backend/index-maps', 'errors'],
      'Structures and neighbors are plain geometry; of the contract they only fill in index maps.',
    ),
    coreLayer(
      'reference-is-a-backend',
      'reference',
      ['ir', 'backend', 'errors'],
      'The reference defines the ops for every graph, so it may not see the model either.',
    ),
    coreLayer(
      'model-builds-graphs',
      'model',
      ['ir', 'autodiff', 'equivariant', 'structure', 'errors'],
      'The model describes what to compute; it never computes it, so it sees no backend.',
    ),
    coreLayer(
      'planner-rewrites-graphs',
      'planner',
      ['ir', 'autodiff', 'reference', 'backend', 'errors'],
      'A pass works on any graph. The reference is there to evaluate what depends on parameters alone and, with its slope, what becomes a table.',
    ),
    coreLayer(
      'benchmark-times-calculators',
      'benchmark',
      ['calculator', 'structure', 'errors'],
      'What is timed is what people call; the clock knows nothing of how it is computed.',
    ),
    coreLayer(
      'worker-carries-calls',
      'worker',
      ['calculator', 'structure', 'backend', 'model', 'errors'],
      'What crosses to a worker are calls of a calculator; what they compute is said elsewhere, and backends are handed in there.',
    ),
    coreLayer(
      'generators-make-examples',
      'generators',
      ['ir', 'backend', 'autodiff', 'equivariant', 'structure', 'model', 'errors'],
      'Examples say what to compute and on what; whoever tests with them chooses what computes it.',
    ),
    {
      name: 'core-needs-no-examples',
      comment: 'The generators are for tests. Whoever computes energies must not carry them along.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: ['^packages/core/src/generators/', tests] },
      to: { path: '^packages/core/src/generators/' },
    },
    {
      name: 'backends-see-only-the-contract',
      comment:
        'A backend that can see an irrep will special-case one. It must work for any graph. Plain geometry is there for its neighbors.',
      severity: 'error',
      from: { path: '^packages/backend-[^/]+/src/', pathNot: tests },
      to: { path: '^packages/core/src/(?!(ir|backend|structure|errors)(/|\\.))' },
    },
    {
      name: 'backends-do-not-meet',
      comment: 'Whoever installs one engine must not get another.',
      severity: 'error',
      from: { path: '^packages/(backend-[^/]+)/', pathNot: tests },
      to: { path: '^packages/backend-', pathNot: '^packages/$1/' },
    },
    {
      name: 'nothing-names-a-backend',
      comment: 'Backends are handed in. Only what a person starts chooses one.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/(cli|backend-[^/]+)/', tests] },
      to: { path: '^packages/backend-' },
    },
    {
      name: 'io-is-formats',
      comment: 'A reader gives structures and model weights; it needs no calculator and nothing built on one.',
      severity: 'error',
      from: { path: '^packages/io/src/', pathNot: tests },
      to: { path: '^packages/(?!io/|core/)|^packages/core/src/(calculator|reference|planner|autodiff)/' },
    },
    {
      name: 'models-are-files-and-facts',
      comment: 'What a published model is, and its file, need no engine: a calculator that verifies one is handed in.',
      severity: 'error',
      from: { path: '^packages/models/src/', pathNot: tests },
      to: { path: '^packages/(?!models/|io/|core/)' },
    },
    {
      name: 'simulations-see-systems',
      comment: 'Dynamics runs on whatever gives forces: of core it sees what is at the entry, and structures.',
      severity: 'error',
      from: { path: '^packages/sim/src/', pathNot: tests },
      to: { path: '^packages/core/src/(?!index|structure/)' },
    },
    {
      name: 'viewer-draws-atoms',
      comment: 'A picture needs places and elements; whoever shows one in a page does not load a calculator with it.',
      severity: 'error',
      from: { path: '^packages/viewer/src/', pathNot: tests },
      to: { path: '^packages/(?!viewer/|core/)|^packages/core/src/(?!structure/|errors)' },
    },
    {
      name: 'nothing-imports-what-people-start',
      comment: 'The command line, the apps and the benchmarks are ends, not libraries.',
      severity: 'error',
      from: { path: '^(packages|apps|benchmarks)/', pathNot: ['^packages/cli/', tests] },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'one-engine-each-tfjs',
      comment: 'TensorFlow.js is known to one package, which answers for it; the command line only hands it in.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(backend-tfjs|cli)/' },
      to: { path: engine('@tensorflow/') },
    },
    {
      name: 'one-engine-each-onnx',
      comment: 'ONNX Runtime is known to one package, which answers for it; the command line only hands it in.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(backend-onnx|cli)/' },
      to: { path: engine('onnxruntime-') },
    },
    {
      name: 'one-engine-each-gpujs',
      comment: 'gpu.js is known to one package, which answers for it; the command line only hands it in.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(backend-gpujs|cli)/' },
      to: { path: engine('gpu\\.js') },
    },
    {
      name: 'one-engine-each-webgpu',
      comment: 'WebGPU in Node is known to one package, which answers for it; the command line only hands it in.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(backend-webgpu|cli)/' },
      to: { path: engine('webgpu(/|$)') },
    },
    {
      name: 'browser-safe',
      comment:
        'These packages run in a page. What needs Node lives in a folder called node, which a page never imports.',
      severity: 'error',
      from: {
        path: '^packages/(core|io|models|conformance|sim|train|viewer|backend-[^/]+)/src/',
        pathNot: ['/src/node/', tests],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-safe-inside',
      comment: 'A file outside the node folder that imports one inside it needs Node as well.',
      severity: 'error',
      from: {
        path: '^packages/(core|io|models|conformance|sim|train|viewer|backend-[^/]+)/src/',
        pathNot: ['/src/node/', tests],
      },
      to: { path: '/src/node/' },
    },
    {
      name: 'front-door-only',
      comment: 'Another package is imported by what its exports name, so that its insides can change.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', frontDoors()] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that resolves to nothing is a file, an export or a dependency that is not there.',
      severity: 'error',
      from: { path: '^(packages|tests|scripts)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-imports',
      comment: 'What is published must not need what is not.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: [tests, '^packages/[^/]+/test/', '^tests/'] },
    },
    {
      name: 'the-page-is-a-file',
      comment:
        'The page of mace view is bundled with its libraries into one file; what imports its sources would need them installed.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/cli/src/view/page/', '^packages/cli/test/', tests] },
      to: { path: '^packages/cli/src/view/page/' },
    },
    {
      name: 'declared-dependencies-only',
      comment: 'A published source may import only what its own package.json lists as a dependency or a peer.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: [tests, '^packages/cli/src/view/page/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|bundled)/|/test/data/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // A package of types alone has no `main`.
      mainFields: ['module', 'main', 'types'],
      conditionNames: ['@mace/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
