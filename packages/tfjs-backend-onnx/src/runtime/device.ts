import type { GraphType, TypedArray } from '../graph/value'

/** A tensor as a program names it. */
export interface Port {
  name: string
  dtype: GraphType
  shape: readonly number[]
}

/** A compiled graph to be. */
export interface ProgramSource {
  model: Uint8Array
  inputs: readonly Port[]
  outputs: readonly Port[]
  /** The model's external tensors: buffers of the device whose elements become part of the program. */
  constants: readonly (Port & { readonly id: number })[]
  /**
   * Whether ONNX Runtime may move transpositions, to make them meet and cancel: what comes of images with channels last between
   * its convolutions. Elsewhere they are where they cost least.
   */
  movesTransposes: boolean
  /** Whether there is so little to compute that one thread does it sooner than several that would have to meet. */
  isSmall: boolean
  /**
   * Whether the program gives its working memory back after every run, at the price of some percent of its time where that is
   * large: one that runs now and then, beside another that does the same; or one that needs little, for there may be many of them.
   */
  givesMemoryBack: boolean
  /** The program runs in parts, all at once, each with as many threads. */
  parts?: BatchParts
}

/** How the buffers of a program are divided. Ports have the shape of what one part has. */
export interface BatchParts {
  count: number
  /** Which inputs are cut in equal parts; the others everybody gets. The outputs become one after the other one buffer. */
  isCut: readonly boolean[]
}

/** What a device needs to know about how sessions are made. */
export interface SessionOptions {
  threads: number
  executionProviders: readonly string[]
  spinning: boolean
  poolBytes: number
  profile: boolean
  /** Milliseconds without a sign of life after which a thread that computes is given up. */
  patience: number
}

export interface DeviceStats {
  builds: number
  buildMs: number
  runs: number
  runMs: number
  poolBytes: number
  /** Buffers alive. */
  buffers: number
}

/**
 * Where buffers live and programs run. Commands take effect in the order they are given and never throw: what a failed
 * one should have made is lost, and reading it, or anything computed from it, raises the error.
 */
export interface Device {
  /** Whether programs run beside the calling thread. */
  readonly concurrent: boolean
  /** Threads among which a program can be split in parts. */
  readonly parts: number
  /** The execution provider that computes. */
  readonly provider: string
  /** How many channels convolutions on blocks of channels take at once, or null; see `Target`. */
  channelBlock(): number | null
  /** Hands over a buffer; it belongs to the device from here on. */
  write(id: number, data: TypedArray): void
  build(program: number, source: ProgramSource): void
  /** Runs a program on buffers of the device; the outputs become new buffers. */
  run(program: number, inputs: readonly number[], outputs: readonly number[]): void
  free(ids: readonly number[]): void
  disposeProgram(program: number): void
  /**
   * A copy of a buffer.
   * @throws OnnxError `synchronous-read` where there are only asynchronous ones
   */
  readSync(id: number): TypedArray
  read(id: number): Promise<TypedArray>
  stats(): DeviceStats
  close(): void
}
