import { PilotError } from '@pilotjs/core'

export type StateCode =
  /** The address is none. */
  | 'state-address'
  /** Nobody answers there. */
  | 'state-unreachable'
  /** Somebody does, and lets us not in, or has no such bucket. */
  | 'state-refused'
  /** The store writes over what is there though it was asked not to: nothing keeps a worker out that lost its claim. */
  | 'state-unfenced'
  /** A worker with a higher fence has the run. */
  | 'state-taken-over'
  /** What comes back is not what was put there. */
  | 'state-damaged'

/** Something about a store of runs' states. No message holds a key. */
export class StateError extends PilotError<StateCode> {
  override readonly name = 'StateError'
}
