import { readdirSync } from 'node:fs'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'

// The rooms of this package, each of which knows only those above it (ARCHITECTURE.md).

const home = 'packages/tfjs-backend-onnx/src'
const tests = ['**/*.test.ts', `${home}/testing/**`]

const room = (folder, forbidden, why) => ({
  files: [`${home}/${folder}`],
  ignores: tests,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['@pilotjs/*', ...forbidden], message: why }] }] },
})

const runtimes = readdirSync(new URL('src/runtime', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const inside = (folder) => `**/${folder}/**`
const [platforms, tensors] = [['onnxruntime*', 'onnxruntime*/**', 'node:*'], ['@tensorflow/*']]

export const engineRooms = [
  room('*.ts', [], 'The engine knows nothing of continual learning.'),
  room(
    'graph/**',
    [...platforms, ...tensors, '**/lowering/**', '**/runtime/**', '**/tfjs/**'],
    'graph knows nothing: neither a platform nor other rooms.',
  ),
  room(
    'lowering/**',
    [...platforms, ...tensors, '**/runtime/**', '**/tfjs/**'],
    'lowering knows the graph and a Target.',
  ),
  room(
    'runtime/*.ts',
    [...platforms, ...tensors, '**/lowering/**', '**/tfjs/**', ...runtimes.map(inside)],
    'What all runtimes have in common knows the graph alone.',
  ),
  ...runtimes.map((name) =>
    room(
      `runtime/${name}/**`,
      [
        ...(name === 'web' ? ['node:*', 'onnxruntime-node'] : []),
        ...tensors,
        '**/lowering/**',
        '**/tfjs/**',
        ...runtimes.filter((other) => other !== name).map(inside),
      ],
      'A runtime knows the graph and what all runtimes have in common.',
    ),
  ),
  room('tfjs/*.ts', [...platforms, '**/runtime/*/**'], 'The backend is handed a runtime.'),
  room(
    'tfjs/kernels/**',
    [...platforms, '**/runtime/**', '!**/runtime/errors', '**/lowering/target'],
    'Kernels record operations; they never see a provider or a runtime.',
  ),
  {
    files: ['graph', 'lowering', 'runtime/web', 'tfjs']
      .map((folder) => `${home}/${folder}/**`)
      .concat(`${home}/runtime/*.ts`),
    ignores: tests,
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require', '__dirname', '__filename', 'global'],
    },
  },
  {
    files: [`${home}/**`],
    // What a thread is made of is as long-lived as the thread.
    ignores: [...tests, `${home}/runtime/*/{worker,teammate}.ts`],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
    },
    rules: {
      'import-x/no-cycle': 'error',
      // Two backends of a process do not see each other.
      'no-restricted-syntax': [
        'error',
        ...['Program', 'ExportNamedDeclaration'].flatMap((parent) => [
          {
            selector: `${parent} > VariableDeclaration[kind=/^(let|var)$/]`,
            message: 'State belongs to an instance, not to a module.',
          },
          {
            selector: `${parent} > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Weak)?(Map|Set)$/][arguments.length=0]`,
            message: 'State belongs to an instance, not to a module.',
          },
        ]),
      ],
    },
  },
]
