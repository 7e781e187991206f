import type { TypedArray } from '../graph/value'
import type { ProgramSource } from './device'
import type { PackedError } from './errors'

/** What the thread that records tells the one that computes; see `Device` for what each does. */
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
