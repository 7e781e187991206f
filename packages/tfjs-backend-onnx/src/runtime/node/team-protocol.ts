import type { MessagePort } from 'node:worker_threads'
import type { Port, SessionOptions } from '../device'
import type { Counters } from './counters'
import type { PulseSetup } from './pulse'
import type { ExternalData } from './session'

/** Where the team's memory holds what one of its threads gets or makes: that of the n-th begins at `offset + n · stride`. */
export interface Slot extends Port {
  offset: number
  stride: number
}

/** What the thread that leads the team tells the others. */
export type Order =
  | {
      kind: 'build'
      program: number
      /** How many parts there are. */
      count: number
      model: Uint8Array
      movesTransposes: boolean
      isSmall: boolean
      givesMemoryBack: boolean
      constants: ExternalData[]
      inputs: readonly Slot[]
      outputs: readonly Slot[]
      memory: SharedArrayBuffer
    }
  | { kind: 'run'; program: number }
  | { kind: 'dispose'; program: number }
  | { kind: 'close' }

/** Counters that both sides sleep on: the orders given, and how often somebody has done one. */
export const orders = 0
export const done = 1

export interface TeamSetup {
  port: MessagePort
  signals: Counters
  pulse: PulseSetup
  /** Which of the threads this is, from 0; the leader does not count. */
  index: number
  options: SessionOptions
}
