import type { SessionOptions } from './device'

export interface OnnxOptions extends SessionOptions {
  /**
   * Whether graphs run in a worker thread, which keeps the event loop alive and lets a program record its next step
   * meanwhile. Default: true; in a page always.
   */
  worker: boolean
  /**
   * Threads a graph computes with. Default: all cores, in Node the environment's `PILOT_THREADS`, in a page that is not isolated
   * 1.
   */
  threads: number
  /**
   * ONNX Runtime's execution providers in order of preference, e.g. `['webgpu', 'cpu']`. Default: `['cpu']` in Node, `['wasm']`
   * in a page; there `['auto']` takes WebGPU where it is there and computes the right numbers.
   */
  executionProviders: string[]
  /**
   * Memory of the machine that this backend may count on, in bytes: what it keeps for later is a share of that. Default: half of
   * what the machine, or the container that limits the process, has; in a page 2 GiB at most.
   */
  memoryBytes: number
  /**
   * Memory that sessions may hold before the least recently used go, in bytes (estimated). Those of the latest few runs always
   * stay. Default: 512 MiB, or an eighth of `memoryBytes`, where that is less; a program whose shapes change from time to time
   * hardly needs the earlier ones again.
   */
  sessionBytes: number
  /**
   * Frozen tensors that a program holds as constants of its own at most, in bytes; more than that are inputs as all others. Every
   * program has its own copy, in the order that products want. Default: 64 MiB, or a quarter of what the program computes, where
   * that is more and the copies of all programs take no more than a sixteenth of `memoryBytes`.
   */
  constantBytes?: number
  /** Released buffers kept for reuse, in bytes. Default: 512 MiB, or an eighth of `memoryBytes`, where that is less. */
  poolBytes: number
  /** Whether idle compute threads wait in a busy loop: quicker on an idle machine, slower on a shared one. Default: false. */
  spinning: boolean
  /**
   * Whether each compute thread runs whole chains of operations on its own part of the batch, where that is estimated to be
   * quicker than working on every operation together (`splitBatch`). CPU and `worker` in Node only. Default: true.
   */
  splitBatch: boolean
  /**
   * Whether chains of row-wise operations on tensors wider than the cache run a few rows at a time (`tile`), where that is
   * estimated to be quicker. CPU only. Default: where one thread has a graph to itself, alone or by `splitBatch`; two at once on
   * a graph were measured to gain nothing.
   */
  tiling?: boolean
  /**
   * Whether convolutions by 3 × 3 filters between many channels are computed in fewer multiplications (Winograd), as GPU
   * libraries do. What is no number, or by far larger than what surrounds it, then reaches the nearest results too. Default:
   * true.
   */
  winograd: boolean
  /** Nodes after which a graph is run although nobody reads it. Default: 20 000. */
  maxPendingNodes: number
  /** Writes ONNX Runtime's profile of every session (`tfjs-onnx*.json`) when it is disposed. Node only. Default: false. */
  profile: boolean
  /** Milliseconds without a sign of life after which a thread that computes is given up. Default: ten minutes. */
  patience: number
  /** Pages only: the address of the folder with onnxruntime-web's files. Default: where the bundler put them. */
  wasmPaths?: string
}

/** What is kept for later, of the memory that there is. */
export function sharesOf(memoryBytes: number): Pick<OnnxOptions, 'memoryBytes' | 'sessionBytes' | 'poolBytes'> {
  const kept = Math.min(2 ** 29, memoryBytes / 8)
  return { memoryBytes, sessionBytes: kept, poolBytes: kept }
}

/** What is the same everywhere. */
export const commonDefaults = {
  worker: true,
  spinning: false,
  splitBatch: true,
  winograd: true,
  maxPendingNodes: 20_000,
  profile: false,
  patience: 600_000,
} as const satisfies Partial<OnnxOptions>
