import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'
import { exports } from './package.json'

/** An entry a folder: `heads` from `src/heads/index.ts`. What several of them need is a chunk of its own, made once. */
const folders = Object.keys(exports)
  .filter((entry) => existsSync(new URL(`src/${entry}/index.ts`, import.meta.url)))
  .map((entry) => (entry === '.' ? ['index', 'src/index.ts'] : [entry.slice(2), `src/${entry.slice(2)}/index.ts`]))

export default defineConfig([
  {
    ...shared,
    entry: { ...Object.fromEntries(folders), node: 'src/node.ts' },
    splitting: true,
  } as object,
  // The one part of TensorFlow.js that Node cannot load by itself; everything else stays the program's own copy.
  {
    entry: ['src/gradients.ts'],
    format: ['esm'],
    target: 'es2023',
    platform: 'node',
    noExternal: [/register_all_gradients/],
    dts: false,
    clean: false,
    treeshake: true,
    minify: true,
  },
])
