import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** One anatomy for every package: ES modules with types, an entry per export. */
export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts'].filter((file) => existsSync(file)),
  format: ['esm'],
  target: 'es2023',
  platform: 'neutral',
  external: [/^node:/, /^#/],
  dts: true,
  clean: true,
  sourcemap: false,
  treeshake: true,
})
