// Packages that compile core from its sources must know the optional engines too.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./optional-engines.d.ts" />
import * as tf from '@tensorflow/tfjs-core'
import { startEngine } from './engines'
import type { EngineCandidate, EngineSelection, StartOptions } from './engines'
import { type OnnxProviderEngine, withOnnxProvider } from './onnx-provider'

export type BrowserEngine = 'onnx' | 'webgpu' | 'webgl' | 'wasm' | 'cpu'

export interface BrowserEngineOptions extends StartOptions {
  /** 1 keeps `wasm` from starting threads; other engines have none to set here. Default: as many as the page may have. */
  threads?: 1
}

/** Nothing is imported when the page has registered the backend itself. */
const candidate = (
  name: Exclude<BrowserEngine, 'onnx'>,
  load: () => Promise<unknown>,
  whenSilent?: string,
): EngineCandidate => ({
  ...(whenSilent && { whenSilent }),
  name,
  backend: name,
  packageName: `@tensorflow/tfjs-backend-${name}`,
  load: async () => {
    if (!tf.findBackendFactory(name)) await load()
    // Its CPU kernels stand in for those that wasm lacks.
    if (name === 'wasm' && !tf.findBackendFactory('cpu'))
      await import('@tensorflow/tfjs-backend-cpu').catch(() => undefined)
  },
})

/**
 * TensorFlow.js makes its thread workers from the text of a function of its own. A minifier renames what that text refers to,
 * each worker then ends with a ReferenceError that nobody hears, and the backend waits for it.
 */
const wasmSilence =
  'its thread workers do not answer, which a minifier that renames inside @tensorflow/tfjs-backend-wasm brings about; ' +
  "start it without threads, selectEngine('wasm', { threads: 1 }), or keep that package from being minified"

/** TensorFlow.js' portable engines. Each package is an optional peer: only what is chosen has to be installed. */
export const portableEngines: readonly EngineCandidate[] = [
  candidate('webgpu', () => import('@tensorflow/tfjs-backend-webgpu')),
  candidate('webgl', () => import('@tensorflow/tfjs-backend-webgl')),
  candidate('wasm', () => import('@tensorflow/tfjs-backend-wasm'), wasmSilence),
  candidate('cpu', () => import('@tensorflow/tfjs-backend-cpu')),
]

/** What pages choose from: ONNX Runtime Web first, several times as fast as TensorFlow.js' own engines on a processor. */
const browserEngines: readonly EngineCandidate[] = [
  {
    name: 'onnx',
    backend: 'onnx',
    packageName: '@pilotjs/tfjs-backend-onnx',
    load: async () => {
      if (!tf.findBackendFactory('onnx')) await import('@pilotjs/tfjs-backend-onnx')
    },
  },
  ...portableEngines,
]

/**
 * Starts a TensorFlow.js engine in a browser. `auto` takes the fastest that is installed and starts: onnx, webgpu, webgl, wasm,
 * cpu. `onnx:webgpu` has ONNX Runtime compute with WebGPU. In Node use `selectEngine` of `@pilotjs/core/node`, which knows the
 * native engines too.
 * An engine must have computed a few known numbers right before this answers.
 * @throws EngineError naming the package to install, or what keeps an engine from computing
 */
export async function selectEngine(
  choice: 'auto' | BrowserEngine | OnnxProviderEngine = 'auto',
  { threads, ...options }: BrowserEngineOptions = {},
): Promise<EngineSelection> {
  if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  const automatic = browserEngines.map(({ name }) => name)
  const candidates = withOnnxProvider(choice, browserEngines, () => import('@pilotjs/tfjs-backend-onnx'))
  return startEngine(choice, candidates, automatic, options)
}
