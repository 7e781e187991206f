import type { MessagePort } from 'node:worker_threads'
import type { SessionOptions } from '../device'
import type { Counters } from './counters'
import type { PulseSetup } from './pulse'

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
