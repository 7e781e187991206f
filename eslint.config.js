import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import { engineRooms } from './packages/tfjs-backend-onnx/eslint.rooms.js'

/** Imports point downwards only: what each floor may not name. Tests are free to reach across. */
const floor = (files, forbidden, why) => ({
  files,
  ignores: ['**/*.test.ts', '**/*.config.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message: why }] }] },
})

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/__fixtures__/**',
      '**/template/**',
      '**/.programs/**',
      '.turbo/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/unified-signatures': 'off',
      'no-empty-pattern': 'off',
    },
  },
  {
    // One kind of error: programs decide by `code`, whatever room it comes from. The two packages that stand alone have the same shape.
    files: ['packages/**/src/**/*.ts'],
    ignores: ['packages/core/src/errors/**', 'packages/linalg/**', 'packages/tfjs-backend-onnx/**', '**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ClassDeclaration[superClass.name=/^(Range|Type)?Error$/][id.name=/Error$/]',
          message: "Extend core's PilotError: its code and facts are what programs act on.",
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' } },
  },
  floor(
    ['packages/core/src/**'],
    ['@pilotjs/*', '!@pilotjs/tfjs-backend-onnx'],
    'core is the lowest floor: it imports no other package of the house.',
  ),
  floor(['packages/linalg/src/**'], ['@pilotjs/*'], 'Linear algebra stands on tfjs-core alone.'),
  ...engineRooms,
  floor(
    ['packages/download/src/**'],
    ['@pilotjs/*', '!@pilotjs/core', '!@pilotjs/core/node'],
    'Downloads know nothing of what is downloaded.',
  ),
  floor(
    ['packages/hub/src/**'],
    ['@pilotjs/*', '!@pilotjs/core', '!@pilotjs/core/node', '!@pilotjs/download'],
    'The hub imports core and download only.',
  ),
  floor(
    ['packages/{peft,rehearsal,statistics,data}/src/**'],
    ['@pilotjs/*', '!@pilotjs/core', '!@pilotjs/core/node', '!@pilotjs/download', '!@pilotjs/linalg'],
    'Floor 2 imports core, linalg and download only.',
  ),
  floor(
    ['packages/methods/*/src/**'],
    [
      '@pilotjs/*',
      '!@pilotjs/core',
      '!@pilotjs/linalg',
      '!@pilotjs/peft',
      '!@pilotjs/rehearsal',
      '!@pilotjs/statistics',
      'node:*',
    ],
    'A method imports core, linalg, peft, rehearsal and statistics; never another method, data, eval, cli or node:.',
  ),
  floor(
    ['packages/eval/src/**'],
    [
      '@pilotjs/*',
      '!@pilotjs/core',
      '!@pilotjs/core/node',
      '!@pilotjs/data',
      '!@pilotjs/data/node',
      '!@pilotjs/statistics',
      '!@pilotjs/rehearsal',
    ],
    'eval imports floors 1 and 2.',
  ),
  floor(
    ['packages/experiment/src/**'],
    [
      '@pilotjs/*',
      '!@pilotjs/core',
      '!@pilotjs/core/node',
      '!@pilotjs/data',
      '!@pilotjs/data/node',
      '!@pilotjs/eval',
      '!@pilotjs/eval/node',
      '!@pilotjs/hub',
    ],
    'experiment imports core, data, eval and hub; methods, backbones and data sets only by name.',
  ),
)
