import { PilotError } from '@pilotjs/core'

export type QueueCode =
  /** The address is none. */
  | 'queue-address'
  /** Nobody answers there. */
  | 'queue-unreachable'
  /** Somebody does, and lets us not in. */
  | 'queue-refused'
  /** Its memory is used up. */
  | 'queue-full'
  /** A run failed on a worker; its reason is the message. */
  | 'run-failed'
  /** What this worker has is not what a sweep needs. */
  | 'worker-unfit'

/** Something between a sweep, its queue and its workers. No message holds a password. */
export class QueueError extends PilotError<QueueCode> {
  override readonly name = 'QueueError'
}

/** A reason in words, of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
