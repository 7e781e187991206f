/** A run as the queue knows it: something with a name. What computes it knows the rest. Plain JSON. */
export interface QueuedRun {
  readonly id: string
  /** For people. */
  readonly label: string
}

/**
 * What outlives a worker: the run's folder, which all see; nothing, and the run begins anew; or a bucket of a store that speaks
 * S3, whose server and keys each machine has in its environment.
 */
export type OrderState = 'shared' | 'anew' | `s3://${string}`

/** What a worker is sent. */
export interface Order<Run extends QueuedRun = QueuedRun> {
  readonly run: Run
  /** The sweep's folder, as whoever began it sees it. */
  readonly out: string
  /** What stands in that folder, so that a worker knows whether the one that it sees is the same. */
  readonly mark: string
  /** Versions of all that computes. */
  readonly versions: Readonly<Record<string, string>>
  /** What outlives a worker. */
  readonly state: OrderState
  /**
   * The highest fence that was seen in the run's folder, or in the store: those that this queue counts are above it, also when Redis has
   * forgotten.
   */
  readonly fence: number
}

/** What a worker says of a run while it goes on, in whatever form whoever began the sweep understands. Plain JSON. */
export type News = Readonly<Record<string, unknown>>

/** Where a worker's result is more than what lies in a shared folder: its files by their names, compressed. */
export interface Answer {
  readonly files?: string
}

/** One queue for all sweeps; several may use it, and their runs' names tell them apart. */
export const QUEUE = 'pilot-runs'
/** Keys of the queue begin with it. */
export const PREFIX = 'pilot'
