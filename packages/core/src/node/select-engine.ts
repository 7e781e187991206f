import * as tf from '@tensorflow/tfjs-core'
import { EngineError } from '../engine/engine-error'
import { type OnnxProviderEngine, withOnnxProvider } from '../engine/onnx-provider'
import { parseMemory, setMemoryBudget } from '../engine/memory-budget'
import { startEngine } from '../engine/engines'
import { portableEngines } from '../engine/select-engine'
import { slowEngineWarning } from '../engine/slow-engine'
import type { EngineCandidate, EngineSelection, StartOptions } from '../engine/engines'
import { loadTfjsNode, usesGpu } from './tfjs-node-bridge'

export type NodeEngine = 'onnx' | 'tfjs-node-gpu' | 'tfjs-node' | 'webgpu' | 'webgl' | 'wasm' | 'cpu'

export interface EngineOptions extends StartOptions {
  /**
   * Threads that compute. Default: the environment's `PILOT_THREADS`, else all cores. Read once, when an engine is first loaded.
   */
  threads?: number
  /**
   * Memory to count on, such as `4GB`, or bytes: sizes of caches and batches follow from it. Default: the environment's
   * `PILOT_MEMORY`, else half of what the machine has, or the container that limits it. Read once, when an engine is first
   * loaded.
   */
  memory?: number | string
}

/** What was asked for, in bytes. */
let memoryBytes: number | undefined

async function loadOnnx() {
  const engine = await import('@pilotjs/tfjs-backend-onnx')
  if (memoryBytes !== undefined && !('onnx' in tf.engine().registry)) engine.configureOnnx({ memoryBytes })
  return engine
}

function announceMemory(memory: number | string | undefined): void {
  const text = String(memory ?? process.env.PILOT_MEMORY ?? '')
  memoryBytes = text === '' ? undefined : parseMemory(text)
  setMemoryBudget(memoryBytes)
}

const nativeEngines: readonly EngineCandidate[] = [
  {
    name: 'tfjs-node-gpu',
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node-gpu',
    load: () => loadTfjsNode('@tensorflow/tfjs-node-gpu'),
    drawback: () => (usesGpu() ? undefined : 'installed, but libtensorflow finds no CUDA device'),
  },
  {
    name: 'onnx',
    backend: 'onnx',
    packageName: '@pilotjs/tfjs-backend-onnx',
    load: loadOnnx,
  },
  {
    name: 'tfjs-node',
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node',
    load: () => loadTfjsNode('@tensorflow/tfjs-node'),
  },
]

const engines: readonly EngineCandidate[] = [...nativeEngines, ...portableEngines]
const automatic: readonly string[] = ['tfjs-node-gpu', 'onnx', 'tfjs-node', 'cpu']

/** ONNX Runtime's backend reads `PILOT_THREADS`; libtensorflow and the OpenMP in it read names of their own. */
function announceThreads(threads: number | undefined): void {
  const text = threads === undefined ? process.env.PILOT_THREADS : String(threads)
  if (text === undefined || text === '') return
  if (!/^[1-9]\d*$/.test(text))
    throw new EngineError(
      'engine-option',
      `threads must be a whole number above 0, got "${text}" (option threads, environment PILOT_THREADS)`,
      { option: 'threads', value: text },
    )
  process.env.PILOT_THREADS = text
  process.env.TF_NUM_INTRAOP_THREADS ??= text
  process.env.OMP_NUM_THREADS ??= text
}

/**
 * Starts the engine that computes. `auto` takes the fastest that is there: tfjs-node-gpu (with a CUDA device), onnx,
 * tfjs-node, cpu (and warns of that one). `onnx:webgpu`, `onnx:cuda` and so on have ONNX Runtime compute with the provider of
 * that name. The environment's `PILOT_ENGINE` stands in for `auto`. An engine must have computed a few known numbers right before
 * this answers.
 * @throws EngineError naming the package to install, or what keeps an installed one from loading
 */
export async function selectEngine(
  choice: 'auto' | NodeEngine | OnnxProviderEngine = 'auto',
  options: EngineOptions = {},
): Promise<EngineSelection> {
  announceThreads(options.threads)
  announceMemory(options.memory)
  // Also silences the advice to install tfjs-node, which the CPU kernels print.
  tf.enableProdMode()
  const wanted = choice === 'auto' ? process.env.PILOT_ENGINE || 'auto' : choice
  const candidates = withOnnxProvider(wanted, engines, loadOnnx, ['cpu'])
  const selection = await startEngine(wanted, candidates, automatic, options)
  const warning = slowEngineWarning(selection)
  if (warning) console.warn(warning)
  return selection
}
