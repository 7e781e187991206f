import type { JsonValue } from '@pilotjs/core'
import type { SharedBackbone } from './backbone'

/** A PILOT config, as in its folder `exps`. */
export type PilotConfig = Readonly<Record<string, JsonValue>>

/** What both sides are given to do. */
export interface Job {
  /** The method as `pilot run` knows it. */
  readonly method: string
  readonly config: PilotConfig
  readonly seed: number
  /** Folder with `train/CLASS/*` and `test/CLASS/*`. */
  readonly images: string
  readonly backbone: SharedBackbone
  readonly threads: number
}

/** What a side came to. */
export interface Outcome {
  /** Top-1 accuracy on all classes seen after each task, in percent. */
  readonly head: readonly number[]
  /** The same by the nearest mean of exemplars, where the method has that. */
  readonly nearestMean: readonly number[]
  readonly wallSeconds: number
  /** User and system, all threads and all processes. */
  readonly cpuSeconds: number
  /** Of these, until the method is loaded. */
  readonly startCpuSeconds: number
  /** The most memory that was resident at a time. */
  readonly peakBytes: number
  readonly versions: Readonly<Record<string, string>>
}
