import { measures } from '../metrics/index'
import { otherReadings } from '../protocol/other-readings'
import type { Predictions } from '../protocol/record'
import type { Summary } from '../protocol/summary'
import { settingNames } from './setting-names'
import type { Spread } from './spread'
import { spread } from './spread'

/** A run as a comparison needs it. */
export interface ComparedRun {
  readonly name: string
  readonly config: { readonly method: string; readonly seed: number }
  readonly complete: boolean
  readonly summary: Summary
  /** Over all tasks, learning and scoring. */
  readonly seconds: number
  /** What it said of every test image after its last task, where that is at hand. */
  predictions?(): Predictions | undefined
}

/** Runs that differ in their seed alone. */
export interface Comparison<Run extends ComparedRun = ComparedRun> {
  readonly name: string
  readonly runs: readonly Run[]
  readonly seeds: readonly number[]
  /** Of every measure that all its runs have, by its name. */
  readonly measures: Readonly<Record<string, Spread>>
  /** Last accuracy by the learner's other readings, where every run has them. */
  readonly readings: Readonly<Record<string, Spread>>
  /** Of one run, in the mean. */
  readonly seconds: number
  readonly trainableParameters: number
}

/** What of a config makes a run another experiment rather than another seed. */
const settingOf = ({ config }: ComparedRun): string =>
  JSON.stringify(Object.entries(config).filter(([key]) => key !== 'seed' && key !== 'provenance'))

/**
 * Puts runs that differ in their seed alone together, the highest average incremental accuracy first. A run that is not complete
 * stands alone: its figures are of fewer tasks.
 */
export function compareRuns<Run extends ComparedRun>(runs: readonly Run[]): Comparison<Run>[] {
  const groups = new Map<string, Run[]>()
  for (const [index, run] of runs.entries()) {
    const setting = run.complete ? settingOf(run) : `incomplete ${index}`
    groups.set(setting, [...(groups.get(setting) ?? []), run])
  }
  const firsts = [...groups.values()].map(([first]) => first!.config)
  const settings = new Map(settingNames(firsts).map((name, index) => [firsts[index]!, name]))
  const methods = firsts.map(({ method }) => method)
  return [...groups.values()]
    .map((own): Comparison<Run> => {
      const [first] = own as [Run, ...Run[]]
      const alone = own.length === 1
      const shared = otherReadings(own.map(({ summary }) => summary)).filter((name) =>
        own.every(({ summary }) => summary.readings[name]),
      )
      const { method } = first.config
      return {
        name: alone
          ? first.name
          : methods.filter((name) => name === method).length === 1
            ? method
            : settings.get(first.config)!,
        runs: own,
        seeds: own.map(({ config }) => config.seed),
        measures: Object.fromEntries(
          measures.flatMap(({ name }) => {
            // Runs saved by an older version know less.
            const values = own.flatMap(({ summary }) => (summary as Partial<Summary>)[name] ?? [])
            return values.length === own.length ? [[name, spread(values)]] : []
          }),
        ),
        readings: Object.fromEntries(
          shared.map((name) => [name, spread(own.map(({ summary }) => summary.readings[name]!.lastAccuracy))]),
        ),
        seconds: spread(own.map(({ seconds }) => seconds)).mean,
        trainableParameters: Math.max(...own.map(({ summary }) => summary.trainableParameters)),
      }
    })
    .sort((a, b) => averageOf(b) - averageOf(a))
}

/** What comparisons are sorted by. */
export const averageOf = ({ measures: { averageIncrementalAccuracy } }: Pick<Comparison, 'measures'>): number =>
  averageIncrementalAccuracy!.mean

/** Whether one may speak of the best: several settings, and every one of them with more than one seed. */
export const isContest = (comparisons: readonly Comparison[]): boolean =>
  comparisons.length > 1 && comparisons.every(({ runs }) => runs.length > 1)
