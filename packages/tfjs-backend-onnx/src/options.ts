import { availableParallelism } from 'node:os'

export interface OnnxOptions {
  /**
   * Whether graphs run in a worker thread, which keeps the event loop alive and lets a program record its next step
   * meanwhile. Default: true.
   */
  worker: boolean
  /** Threads a graph computes with. Default: `PILOT_THREADS`, else all cores. */
  threads: number
  /** ONNX Runtime's execution providers in order of preference, e.g. `['webgpu', 'cpu']`. Default: `['cpu']`. */
  executionProviders: string[]
  /**
   * Memory that sessions may hold before the least recently used go, in bytes (estimated). Those of the latest few runs always
   * stay. Default: 512 MiB; a program whose shapes change from time to time hardly needs the earlier ones again.
   */
  sessionBytes: number
  /**
   * Frozen tensors that a program holds as constants of its own at most, in bytes; more than that are inputs as all others. Every program
   * has its own copy, in the order that products want. Default: 64 MiB, or a quarter of what the program computes, where that is more.
   */
  constantBytes?: number
  /** Released buffers kept for reuse, in bytes. Default: 512 MiB. */
  poolBytes: number
  /** Whether idle compute threads wait in a busy loop: quicker on an idle machine, slower on a shared one. Default: false. */
  spinning: boolean
  /**
   * Whether each compute thread runs whole chains of operations on its own share of the batch, where that is estimated to be quicker than
   * sharing out every operation (`share`). CPU and `worker` only. Default: true.
   */
  sharing: boolean
  /**
   * Whether chains of row-wise operations on tensors wider than the cache run a few rows at a time (`tile`), where that is
   * estimated to be quicker. CPU only. Default: where one thread has a graph to itself, alone or by `sharing`; two at once on a
   * graph were measured to gain nothing.
   */
  tiling?: boolean
  /**
   * Whether convolutions by 3 × 3 filters between many channels are computed in fewer multiplications (Winograd), as GPU libraries do. What
   * is no number, or by far larger than what surrounds it, then reaches the nearest results too. Default: true.
   */
  winograd: boolean
  /** Nodes after which a graph is run although nobody reads it. Default: 20 000. */
  maxPendingNodes: number
  /** Writes ONNX Runtime's profile of every session (`tfjs-onnx*.json`) when it is disposed. Default: false. */
  profile: boolean
}

/** Whether nothing but the CPU computes. */
export const isOnCpu = ({ executionProviders }: Pick<OnnxOptions, 'executionProviders'>): boolean =>
  executionProviders.every((name) => name === 'cpu')

function threadsFromEnvironment(): number | undefined {
  const text = process.env.PILOT_THREADS
  if (text === undefined || text === '') return undefined
  const threads = Number(text)
  if (Number.isInteger(threads) && threads > 0) return threads
  throw new Error(`PILOT_THREADS must be a positive integer, not '${text}'.`)
}

export function defaultOptions(): OnnxOptions {
  return {
    worker: true,
    threads: threadsFromEnvironment() ?? availableParallelism(),
    executionProviders: ['cpu'],
    sessionBytes: 2 ** 29,
    poolBytes: 2 ** 29,
    spinning: false,
    sharing: true,
    winograd: true,
    maxPendingNodes: 20_000,
    profile: false,
  }
}
