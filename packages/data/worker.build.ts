import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/**
 * The loader's thread as one file. All it needs of core is the seeded generator, which is bundled in, so that a thread loads no
 * tensors; sharp stays outside.
 */
export const workerBuild: Options = {
  entry: { worker: path('src/worker.ts') },
  outDir: path('dist'),
  format: ['esm'],
  target: 'es2023',
  platform: 'node',
  noExternal: ['@pilotjs/core'],
  external: ['sharp'],
  dts: false,
  clean: false,
  splitting: false,
  treeshake: true,
  silent: true,
  esbuildPlugins: [
    {
      name: 'generator-only',
      setup(build) {
        build.onResolve({ filter: /^@pilotjs\/core$/ }, () => ({ path: path('../core/src/random/rng.ts') }))
      },
    },
  ],
}
