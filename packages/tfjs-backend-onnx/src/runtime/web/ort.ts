import type { GraphType, TypedArray } from '../../graph/value'

// The part of onnxruntime-web that is used here, as far as its types say too little or too much.

/** A tensor of ONNX Runtime, on the processor or on a GPU. */
export interface WebTensor {
  readonly location: string
  readonly data: TypedArray
  readonly dims: readonly number[]
  readonly gpuBuffer: unknown
  getData(releaseData?: boolean): Promise<TypedArray>
  dispose(): void
}

export interface WebSession {
  run(feeds: Record<string, WebTensor>, fetches: readonly string[]): Promise<Record<string, WebTensor>>
  release(): Promise<void>
}

export interface WebOrt {
  env: {
    logLevel?: string
    wasm: { numThreads?: number; wasmPaths?: { mjs: string; wasm: string }; proxy?: boolean }
  }
  InferenceSession: { create(model: Uint8Array, options: Record<string, unknown>): Promise<WebSession> }
  Tensor: {
    new (dtype: GraphType, data: TypedArray, dims: readonly number[]): WebTensor
    fromGpuBuffer(buffer: unknown, options: { dataType: GraphType; dims: readonly number[] }): WebTensor
  }
}
