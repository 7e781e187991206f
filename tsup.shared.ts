import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** One anatomy for every package: ES modules, an entry per export. Their types are written by `npm run types`, all at once. */
export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts'].filter((file) => existsSync(file)),
  format: ['esm'],
  target: 'es2023',
  platform: 'neutral',
  external: [/^node:/, /^#/],
  clean: ['!**/*.d.ts'],
  sourcemap: false,
  treeshake: true,
})
