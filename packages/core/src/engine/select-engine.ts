// Packages that compile core from its sources must know the optional engines too.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./optional-engines.d.ts" />
import * as tf from '@tensorflow/tfjs-core'
import { startEngine } from './engines'
import type { EngineCandidate, EngineSelection } from './engines'

export type BrowserEngine = 'webgpu' | 'webgl' | 'wasm' | 'cpu'

/** Nothing is imported when the page has registered the backend itself. */
const candidate = (name: BrowserEngine, load: () => Promise<unknown>): EngineCandidate => ({
  name,
  backend: name,
  packageName: `@tensorflow/tfjs-backend-${name}`,
  load: async () => {
    if (!tf.findBackendFactory(name)) await load()
  },
})

/** TensorFlow.js' portable engines. Each package is an optional peer: only what is chosen has to be installed. */
export const portableEngines: readonly EngineCandidate[] = [
  candidate('webgpu', () => import('@tensorflow/tfjs-backend-webgpu')),
  candidate('webgl', () => import('@tensorflow/tfjs-backend-webgl')),
  candidate('wasm', () => import('@tensorflow/tfjs-backend-wasm')),
  candidate('cpu', () => import('@tensorflow/tfjs-backend-cpu')),
]

/**
 * Starts a TensorFlow.js engine in a browser. `auto` takes the fastest that is installed and starts: webgpu, webgl, wasm,
 * cpu. In Node use `selectEngine` of `@pilotjs/core/node`, which knows the native engines too.
 * @throws EngineError naming the package to install
 */
export async function selectEngine(choice: 'auto' | BrowserEngine = 'auto'): Promise<EngineSelection> {
  return startEngine(
    choice,
    portableEngines,
    portableEngines.map(({ name }) => name),
  )
}
