import type { MessagePort } from 'node:worker_threads'
import type { TypedArray } from '../../graph/value'
import type { ProgramSource, SessionOptions } from '../device'
import type { PackedError } from '../errors'
import type { Counters } from './counters'
import type { PulseSetup } from './pulse'

/** What the main thread tells the worker; see `Device` for what each does. */
export type Command =
  | { kind: 'write'; id: number; data: TypedArray }
  | { kind: 'build'; program: number; source: ProgramSource }
  | { kind: 'run'; program: number; inputs: readonly number[]; outputs: readonly number[] }
  | { kind: 'free'; ids: readonly number[] }
  | { kind: 'dispose'; program: number }
  | { kind: 'read'; id: number; request: number }
  | { kind: 'close' }

/** The answer to a read. */
export type Reply = { request: number; data: TypedArray } | { request: number; error: PackedError }

/**
 * Memory both threads see. `signals` count the replies posted, the runs finished and the messages worked off, so that
 * the main thread can sleep on them; `figures` are the worker's counters.
 */
export interface SharedState {
  signals: Counters
  figures: Float64Array<SharedArrayBuffer>
}
export const replies = 0
export const runs = 1
export const messages = 2
/** Not a counter: 1 once the process ends, so that what has not been begun need not be done. */
export const leaving = 3

export interface WorkerSetup extends SharedState {
  port: MessagePort
  options: SessionOptions
  pulse: PulseSetup
}
