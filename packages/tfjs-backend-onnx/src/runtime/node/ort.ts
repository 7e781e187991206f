import { createRequire } from 'node:module'
import type { GraphType, TypedArray } from '../../graph/value'
import { OnnxError } from '../errors'

/** A tensor of ONNX Runtime over a buffer of ours. */
export interface OrtTensor {
  readonly data: TypedArray
  readonly dims: readonly number[]
}

export interface OrtSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: Record<string, unknown>): void
  run(
    feeds: Record<string, OrtTensor>,
    fetches: Record<string, OrtTensor | null>,
    options: Record<string, unknown>,
  ): Record<string, OrtTensor>
  endProfiling(): void
  dispose(): void
}

interface OrtBinding {
  InferenceSession: new () => OrtSession
  listSupportedBackends(): { name: string; bundled: boolean }[]
}

export interface Ort {
  binding: OrtBinding
  Tensor: new (dtype: GraphType, data: TypedArray, dims: readonly number[]) => OrtTensor
}

/**
 * The native binding of onnxruntime-node. Its public `session.run` answers through a promise although it computes
 * synchronously; `dataSync()` needs the synchronous call, hence the file inside the package (its version is pinned).
 * @throws OnnxError `runtime-missing`
 */
export function loadOrt(): Ort {
  const require = createRequire(import.meta.url)
  try {
    const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as {
      binding: OrtBinding
      initOrt: () => void
    }
    const { Tensor, env } = require('onnxruntime-common') as { Tensor: Ort['Tensor']; env: { logLevel?: string } }
    // Errors are raised; printing them as well would repeat them.
    env.logLevel = 'fatal'
    initOrt()
    return { binding, Tensor }
  } catch (cause) {
    throw new OnnxError(
      'runtime-missing',
      `onnxruntime-node 1.30 is not installed or does not run on ${process.platform}-${process.arch}. ` +
        `Its install step downloads CUDA libraries, and npm drops the package where that fails; this leaves them out: ` +
        `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0`,
      { cause },
    )
  }
}
