import type { Predictions, TaskCost, TaskRecord } from '../protocol/record'

/** A test image the learner got wrong, small enough to put in a page. */
export interface Mistake {
  readonly key: string
  readonly label: number
  readonly predicted: number
  /** `data:image/png;base64,…` */
  readonly image: string
}

/** What is known of a run as of its last task. */
export interface LastTask {
  readonly predictions: Predictions
  readonly mistakes: readonly Mistake[]
  readonly classNames: readonly string[]
}

/** The part of a run's config that a report speaks of; all of it is shown. */
export interface ReportedConfig {
  readonly method: string
  readonly seed: number
  readonly backbone: string
  readonly engine: string
  readonly data: { readonly name: string }
  readonly stream: { readonly scenario: string; readonly baseClasses: number; readonly increment: number }
  /** How its options were chosen, where a search chose them. */
  readonly tuning?: ReportedTuning
}

/** A search for options, as a page tells it. */
export interface ReportedTuning {
  /** What was compared. */
  readonly score: string
  readonly reached: { readonly mean: number; readonly deviation?: number; readonly count: number }
  readonly sampler: string
  /** How many draws were compared, in how many runs at most. */
  readonly trials: number
  readonly runs: number
  readonly seeds: readonly number[]
  readonly on: { readonly data: string; readonly validationFraction: number }
  /** Values a option could have had; a list, or a range. */
  readonly space: Readonly<Record<string, unknown>>
  readonly chosen: Readonly<Record<string, unknown>>
}

/** A run as a report reads it: those of `@pilotjs/experiment`, or anything of this shape. */
export interface ReportSource {
  /** Where it is saved. */
  readonly path: string
  readonly config: ReportedConfig
  /** Tasks finished so far, in order; at least one. */
  readonly records: readonly TaskRecord[]
  readonly costs: readonly TaskCost[]
  readonly complete: boolean
  last(): Promise<LastTask>
}
