import type { RunNews, RunSaved, SweepRun } from './sweep-run'

/** What the process that computes a run is told; JSON. */
export type ToChild =
  | {
      readonly kind: 'run'
      readonly run: SweepRun
      readonly out: string
      readonly cwd: string
      readonly bundled?: string
      readonly features?: string
      readonly fence?: number
    }
  | { readonly kind: 'stop' }
  /** What was saved is dealt with: the run goes on. */
  | { readonly kind: 'go on' }

/** What it says. After `saved` it waits for `go on` or `stop`; `ended` comes last, with or without an error. */
export type FromChild =
  | { readonly kind: 'news'; readonly news: RunNews }
  | { readonly kind: 'saved'; readonly saved: RunSaved }
  | { readonly kind: 'ended'; readonly error?: SentError }

/** An error as it is sent. */
export interface SentError {
  readonly message: string
  /** Of an ExperimentError, with its facts. */
  readonly code?: string
  readonly facts?: unknown
}
