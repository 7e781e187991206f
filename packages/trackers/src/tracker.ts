import type { LoggedEvent } from '@pilotjs/eval'

/** Somewhere runs are looked at. It is told one run's events in order, and makes of them what it shows. */
export interface Tracker {
  /** In words, for messages: `MLflow at http://localhost:5000`. */
  readonly name: string
  /** @throws where the event cannot be taken; the tracker is not told any further one then */
  take(event: LoggedEvent): Promise<void>
  /** Writes what it still holds. */
  close(): Promise<void>
}
