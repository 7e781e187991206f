import * as tf from '@tensorflow/tfjs-core'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EngineError } from '../engine/engine-error'
import { messageOf } from '../engine/engines'
import { bridgeMissingKernels } from '../engine/cpu-kernels'

type Util = Record<string, unknown>

/** What tfjs-node 4.22 still calls on `node:util` and Node 23 took away. */
function restoreUtil(util: Util): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

/** The package's entry, seen from this package or else from the program's own folder. */
function find(packageName: string): string {
  for (const base of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json'))]) {
    try {
      return createRequire(base).resolve(packageName)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new Error(`Cannot find package ${packageName}`)
}

/** Whether libtensorflow runs on a CUDA device. Only meaningful while tfjs-node's backend is the current one. */
export function usesGpu(): boolean {
  return (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true
}

/**
 * Loads `@tensorflow/tfjs-node` or `-gpu` and mends what is known to be broken in its last release (4.22.0): functions that
 * Node ≥ 23 removed from `node:util`, and kernels it does not register (these run on TensorFlow.js' CPU kernels).
 */
export async function loadTfjsNode(packageName: string): Promise<void> {
  const path = find(packageName)
  restoreUtil(createRequire(import.meta.url)('node:util') as Util)
  try {
    await import(/* @vite-ignore */ pathToFileURL(path).href)
  } catch (error) {
    throw new EngineError(
      'engine-does-not-load',
      `engine ${packageName} is installed, but its native part does not load: ${messageOf(error)}\n` +
        `Run "npm rebuild ${packageName} --build-addon-from-source", or build it against a newer libtensorflow: ` +
        'https://github.com/pilotjs/pilotjs/tree/main/tools/tfjs-node',
      { package: packageName },
      { cause: error },
    )
  }
  bridgeMissingKernels('tensorflow')
}
