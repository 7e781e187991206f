import type { RunNews, SweepRun } from './sweep-run'

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

/** What it says. `ended` comes last, with or without an error. */
export type FromChild =
  { readonly kind: 'news'; readonly news: RunNews } | { readonly kind: 'ended'; readonly error?: SentError }

/** An error as it is sent. */
export interface SentError {
  readonly message: string
  /** Of an ExperimentError, with its facts. */
  readonly code?: string
  readonly facts?: unknown
}
