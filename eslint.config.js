import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import { engineRooms } from './packages/tfjs-backend-onnx/eslint.rooms.js'

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
    // What is large and seldom needed: `pilot` starts without it.
    files: ['packages/**/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['sharp', 'tar', '@huggingface/hub'].map((name) => ({
            name,
            message: 'Load it where it is used: await import(…).',
            allowTypeImports: true,
          })),
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' } },
  },
  ...engineRooms,
  // Who may import whom among the rooms is `npm run floors`; what a page cannot have is refused here.
  {
    files: ['packages/methods/*/src/**'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'A method runs in a page too: it imports nothing of Node.' }] },
      ],
    },
  },
)
