import type { ClaimOptions } from '../run-directory/claim-run'
import type { RunConfig } from '../run-directory/run-config'

/** A run of a sweep, ready to be computed by whoever has its ingredients. Plain JSON: it can be sent. */
export interface SweepRun {
  /** 16 hexadecimal digits over everything that decides about its numbers: config, contents of the data, weights. */
  readonly id: string
  /** Its folder inside the sweep's: the method, and the id. */
  readonly folder: string
  /** What sets it apart for people. */
  readonly label: string
  /** The engine is one by name, so that every machine computes with the same. */
  readonly config: RunConfig
  readonly tasks: number
  /** Digest of names and contents of the data. */
  readonly data: string
  /** Fingerprint of the backbone. */
  readonly backbone: string
}

/** What a run tells from afar, sparingly: plain JSON, a few in a second at most. */
export type RunNews =
  | { readonly kind: 'preparing'; readonly what: string }
  /** @param earlier tasks that were saved before */
  | { readonly kind: 'begun'; readonly earlier: readonly TaskNews[]; readonly on?: string }
  | {
      readonly kind: 'progress'
      readonly task: number
      readonly activity: string
      readonly loss?: number
    }
  | ({ readonly kind: 'scored'; readonly task: number } & TaskNews)
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'again'; readonly reason: string }

export interface TaskNews {
  /** On all classes seen, percent. */
  readonly accuracy: number
  /** Learning and scoring. */
  readonly seconds: number
}

export interface ExecuteOptions extends ClaimOptions {
  /** The sweep's folder. */
  readonly out: string
  readonly signal?: AbortSignal
  onNews?(news: RunNews): void
  /**
   * Told each time that a task is saved in the run's folder, and when the run is complete there; the run waits, and stops where
   * this fails.
   */
  onSaved?(saved: RunSaved): Promise<void>
}

/** What of a run is saved in its folder. */
export interface RunSaved {
  readonly complete: boolean
}

/**
 * Whatever computes a run: a child process here, a queue of workers elsewhere. Resolves when the run is complete in its folder.
 * @throws what went wrong; ExperimentError `run-in-use` where another process is at it
 */
export type Execute = (run: SweepRun, options: ExecuteOptions) => Promise<void>
