import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { workspaceSources } from './vitest.sources.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** TensorFlow.js' gradients as core's build bundles them; their sources where it has not run yet, which take longer to load. */
function builtGradients(): string {
  const built = `${here}packages/core/dist/gradients.js`
  return existsSync(built) ? built : `${here}packages/core/src/gradients.ts`
}

/** Whether the package at hand computes with tensors that some engine must hold; the engine itself needs no other. */
function needsEngine(): boolean {
  const {
    name,
    peerDependencies = {},
    dependencies = {},
  } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    name: string
    peerDependencies?: Record<string, string>
    dependencies?: Record<string, string>
  }
  return name !== '@pilotjs/tfjs-backend-onnx' && '@tensorflow/tfjs-core' in { ...dependencies, ...peerDependencies }
}

export default defineConfig({
  plugins: [
    workspaceSources,
    {
      name: 'core-gradients',
      enforce: 'pre',
      resolveId: (id) => (id === '#gradients' ? builtGradients() : undefined),
    },
  ],
  test: {
    include: ['src/**/*.test.ts'],
    // Node cannot load these as they are; core's build bundles them.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    setupFiles: needsEngine() ? [`${here}vitest.engine.ts`] : [],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    // Many engines share two cores: one file after another is faster than several at once, and loads them once.
    fileParallelism: false,
    isolate: false,
  },
})
