import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/**
 * The loader's thread as one file. All it needs of core, the seeded generator and the error, is bundled in, so that a thread
 * loads no tensors; sharp stays outside.
 */
export const workerBuild: Options = {
  entry: { worker: path('src/worker.ts') },
  outDir: path('dist'),
  format: ['esm'],
  target: 'es2023',
  platform: 'node',
  noExternal: ['@pilotjs/core', '@pilotjs/core/random'],
  external: ['sharp'],
  dts: false,
  clean: false,
  splitting: false,
  treeshake: true,
  silent: true,
  esbuildPlugins: [
    {
      name: 'little-of-core',
      setup(build) {
        build.onResolve({ filter: /^@pilotjs\/core$/ }, () => ({ path: path('../core/src/errors/index.ts') }))
        build.onResolve({ filter: /^@pilotjs\/core\/random$/ }, () => ({ path: path('../core/src/random/index.ts') }))
      },
    },
  ],
}
