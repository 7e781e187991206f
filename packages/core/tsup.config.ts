import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

export default defineConfig([
  shared as object,
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
