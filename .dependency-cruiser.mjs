// The house, checked: who may import whom. A room imports from floors below its own and from no room beside it, tests included.

/** What each room may import, beside itself. Methods are one kind of room; examples and tools may import everything. */
const rooms = {
  // By name only, and only where it is installed: `selectEngine` imports an engine dynamically.
  core: ['tfjs-backend-onnx'],
  linalg: [],
  'tfjs-backend-onnx': [],
  download: ['core'],
  hub: ['core', 'download'],
  peft: ['core'],
  rehearsal: ['core'],
  statistics: ['core', 'linalg'],
  testing: ['core'],
  data: ['core', 'download'],
  'icons-100': ['core', 'data'],
  'vit-icons': ['core', 'hub'],
  'efficientnet-lite0': ['core', 'hub'],
  'methods/[^/]+': ['core', 'linalg', 'peft', 'rehearsal', 'statistics'],
  eval: ['core', 'data', 'rehearsal', 'statistics'],
  ledger: ['core'],
  experiment: ['core', 'data', 'eval', 'hub'],
  // Its defaults, imported dynamically.
  classifier: ['core', 'data', 'statistics', 'methods/simplecil', 'efficientnet-lite0', 'vit-icons'],
  export: ['core', 'tfjs-backend-onnx'],
  trackers: ['core', 'eval'],
  // Knows runs as things with a name; what computes them is handed in.
  'sweep-queue': ['core'],
  // States of runs as files of folders.
  's3-state': ['core'],
  cli: [
    'trackers',
    'core',
    'data',
    'eval',
    'experiment',
    'classifier',
    'hub',
    'ledger',
    'download',
    's3-state',
    'sweep-queue',
  ],
  server: ['core', 'classifier', 'data'],
}
const isTest =
  '(\\.test\\.ts$|/__fixtures__/|/testing/|/bench/|/conformance/|vitest[^/]*\\.ts$|tsup\\.config\\.ts$|worker\\.build\\.ts$)'
/** Tests may also look at what their package is tried with: the contract suite, an engine, the embedded data. */
const forTests = [
  'testing',
  'methods/simplecil',
  'tfjs-backend-onnx',
  'icons-100',
  'vit-icons',
  'efficientnet-lite0',
  'core',
  'data',
  'linalg',
]

/** What tests of one room look at beyond that: the classifier holds methods of every family. */
const forTestsOf = { classifier: ['methods/[^/]+'] }

const places = (names) => names.map((name) => `^packages/${name}/`)

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(rooms).flatMap(([room, allowed]) => {
      const own = `^packages/${room}/`
      return [
        {
          name: `floor-of-${room.replace('/[^/]+', '')}`,
          severity: 'error',
          from: { path: own, pathNot: isTest },
          to: { path: '^(packages|tools|examples)/', pathNot: [own, ...places(allowed)] },
        },
        {
          name: `tests-of-${room.replace('/[^/]+', '')}`,
          severity: 'error',
          from: { path: `${own}.*${isTest}` },
          to: {
            path: '^(packages|tools|examples)/',
            pathNot: [own, ...places([...allowed, ...forTests, ...(forTestsOf[room] ?? [])])],
          },
        },
      ]
    }),
    {
      name: 'a-method-imports-no-other',
      severity: 'error',
      from: { path: '^packages/methods/([^/]+)/' },
      to: { path: '^packages/methods/', pathNot: '^packages/methods/$1/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/node_modules/|/template/)' },
    includeOnly: '^(packages|tools|examples)/',
  },
}
