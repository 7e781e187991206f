import type { AccuracyMatrix } from './accuracy-matrix'
import { averageIncrementalAccuracy, lastAccuracy } from './accuracy-matrix'
import { forgetting } from './forgetting'
import { accuracyBySession, averageAnytimeAccuracy, cumulativeForgetting, worstCaseAccuracy } from './online'
import { backwardTransfer, forwardTransfer } from './transfer'

/** What one reading of a learner reached over the tasks so far: what measures are made of. */
export interface AccuracyHistory {
  /** Accuracy on all classes seen, after each task, percent. */
  readonly curve: readonly number[]
  /** Rows and columns up to the last task learned. */
  readonly accuracyMatrix: AccuracyMatrix
  /** Classes seen after the last task. */
  readonly classes: number
  /**
   * Of an online stream, whose tasks lie between two evaluations: the class-incremental task that each belongs to, and its test
   * images.
   */
  readonly online?: {
    readonly sessions: readonly number[]
    readonly testImages: readonly number[]
    /** At every evaluation, cumulative accuracy of each session so far; absent where an older version saved the run. */
    readonly cumulative?: readonly (readonly number[])[]
  }
}

/** One number that says how a run went. */
export interface Measure {
  /** Its name in summaries, `metrics.json` and, in snake case, in CSV. */
  readonly name: string
  /** For people: `Last accuracy`. */
  readonly title: string
  /** The same for a terminal with little room: `Last`. */
  readonly short: string
  readonly unit: '%' | 'points'
  /** Who defined it, for the foot of a page. */
  readonly source: string
  readonly better: 'higher' | 'lower'
  /** Shown in all tables and as a figure of the report; in the report's and in CSV tables; or in CSV and summaries alone. */
  readonly shown: 'everywhere' | 'report' | 'files'
  /** Null where a run does not tell. @throws RangeError for no task */
  compute(history: AccuracyHistory): number | null
  format(value: number): string
}

/** `83.25`, and never a negative nothing. */
export const twoDecimals = (value: number): string => value.toFixed(2).replace(/^-0\.00$/, '0.00')

/** The measures of every summary, comparison and table, in the order of their columns. One more is one more entry. */
export const measures = [
  {
    name: 'averageIncrementalAccuracy',
    title: 'Average incremental accuracy',
    short: 'Average',
    unit: '%',
    source: 'Rebuffi et al. 2017',
    better: 'higher',
    shown: 'everywhere',
    compute: ({ curve }) => averageIncrementalAccuracy(curve),
    format: twoDecimals,
  },
  {
    name: 'lastAccuracy',
    title: 'Last accuracy',
    short: 'Last',
    unit: '%',
    source: 'Rebuffi et al. 2017',
    better: 'higher',
    shown: 'everywhere',
    compute: ({ curve }) => lastAccuracy(curve),
    format: twoDecimals,
  },
  {
    name: 'forgetting',
    title: 'Forgetting',
    short: 'Forgets',
    unit: 'points',
    source: 'Chaudhry et al. 2018',
    better: 'lower',
    shown: 'everywhere',
    compute: ({ accuracyMatrix }) => forgetting(accuracyMatrix),
    format: twoDecimals,
  },
  {
    name: 'backwardTransfer',
    title: 'Backward transfer',
    short: 'Backward',
    unit: 'points',
    source: 'Lopez-Paz & Ranzato 2017',
    better: 'higher',
    shown: 'report',
    compute: ({ accuracyMatrix }) => backwardTransfer(accuracyMatrix),
    format: twoDecimals,
  },
  {
    name: 'learningAccuracy',
    title: 'Learning accuracy',
    short: 'Learning',
    unit: '%',
    source: 'Riemer et al. 2019',
    better: 'higher',
    shown: 'report',
    /**
     * Plasticity: the mean of R[j][j], what each task came to right after it was learned (Riemer et al., "Learning to Learn
     * without Forgetting by Maximizing Transfer and Minimizing Interference", ICLR 2019, § 5.1).
     */
    compute({ accuracyMatrix }) {
      // A task that brings no class of its own has no test images.
      const tested = accuracyMatrix.flatMap((row, task) => (typeof row[task] === 'number' ? [row[task]] : []))
      return tested.reduce((sum, value) => sum + value, 0) / tested.length
    },
    format: twoDecimals,
  },
  {
    name: 'forwardTransfer',
    title: 'Forward transfer',
    short: 'Forward',
    unit: 'points',
    source: 'Lopez-Paz & Ranzato 2017',
    better: 'higher',
    shown: 'files',
    /** Against chance, which is what an untrained learner reaches. */
    compute: ({ accuracyMatrix, classes }) =>
      forwardTransfer(
        accuracyMatrix,
        accuracyMatrix.map(() => 100 / classes),
      ),
    format: twoDecimals,
  },
  {
    name: 'worstCaseAccuracy',
    title: 'Worst-case accuracy',
    short: 'Worst',
    unit: '%',
    source: 'De Lange et al. 2023',
    better: 'higher',
    shown: 'report',
    /** Of online streams; null of others. */
    compute: ({ accuracyMatrix, online }) =>
      online
        ? worstCaseAccuracy({
            bySession: accuracyBySession(accuracyMatrix, online.sessions, online.testImages),
            sessions: online.sessions,
          })
        : null,
    format: twoDecimals,
  },
  {
    name: 'averageAnytimeAccuracy',
    title: 'Average anytime accuracy',
    short: 'Anytime',
    unit: '%',
    source: 'Soutif-Cormerais et al. 2023',
    better: 'higher',
    shown: 'files',
    /** Of online streams, each of whose tasks ends in an evaluation; null of others. */
    compute: ({ curve, online }) => (online ? averageAnytimeAccuracy(curve) : null),
    format: twoDecimals,
  },
  {
    name: 'cumulativeForgetting',
    title: 'Cumulative forgetting',
    short: 'Cumulative',
    unit: 'points',
    source: 'Soutif-Cormerais et al. 2023',
    better: 'lower',
    shown: 'report',
    /** Of online streams; null of others. */
    compute({ online }) {
      if (!online?.cumulative) return null
      const { cumulative, sessions } = online
      const ends = cumulative.filter((_, at) => sessions[at + 1] !== sessions[at])
      return cumulativeForgetting(ends)
    },
    format: twoDecimals,
  },
] as const satisfies readonly Measure[]

export type HouseMeasures = typeof measures

/** The value of each measure by its name. */
export type Figures<List extends readonly Measure[] = HouseMeasures> = {
  readonly [One in List[number] as One['name']]: ReturnType<One['compute']>
}

/** Every measure of one history. */
export const figuresOf = <const List extends readonly Measure[]>(list: List, history: AccuracyHistory): Figures<List> =>
  Object.fromEntries(list.map(({ name, compute }) => [name, compute(history)])) as Figures<List>
