import type { ReportRun } from './report-run'

/** What the charts of a run are drawn from: plain numbers, as they stand in the page. */
export interface ChartRun {
  readonly name: string
  /** What it is drawn in: `--s0`, `--s1`, … of the page. */
  readonly color: number
  /** Classes seen after each task. */
  readonly seen: readonly number[]
  /** Cells of the accuracy matrix: [tested task, learned task, percent]. */
  readonly matrix: readonly (readonly [number, number, number])[]
  /** Non-zero cells of the confusion matrix: [predicted class, true class, images]. */
  readonly confusion: readonly (readonly [number, number, number])[]
  readonly perClass: readonly (number | null)[]
  readonly classNames: readonly string[]
  /** The task that brought each class. */
  readonly taskOfClass: readonly number[]
  readonly learnSeconds: readonly number[]
  readonly scoreSeconds: readonly number[]
  /** MiB, after each task. */
  readonly tensorMegabytes: readonly number[]
  readonly rssMegabytes: readonly (number | null)[]
  /** Mean loss of every epoch, all tasks one after the other. */
  readonly losses: readonly {
    readonly task: number
    readonly phase: string
    readonly epoch: number
    readonly loss: number
  }[]
}

const MIB = 2 ** 20

export function chartRun({ name, color, records, costs, summary, confusion, perClass, last }: ReportRun): ChartRun {
  return {
    name,
    color,
    seen: records.map(({ classesAfter }) => classesAfter),
    matrix: summary.accuracyMatrix.flatMap((row, learned) =>
      row.flatMap((value, tested) => (value === null ? [] : [[tested, learned, shorter(value)] as const])),
    ),
    confusion: confusion.flatMap((row, label) =>
      row.flatMap((images, predicted) => (images === 0 ? [] : [[predicted, label, images] as const])),
    ),
    perClass: perClass.map((value) => (value === null ? null : shorter(value))),
    classNames: last.classNames.slice(0, perClass.length),
    taskOfClass: perClass.map((_, c) => records.findIndex(({ classes }) => classes.includes(c))),
    learnSeconds: costs.map(({ learnSeconds }) => shorter(learnSeconds)),
    scoreSeconds: costs.map(({ scoreSeconds }) => shorter(scoreSeconds)),
    tensorMegabytes: costs.map(({ tensorBytes }) => shorter(tensorBytes / MIB)),
    rssMegabytes: costs.map(({ rssBytes }) => (rssBytes === undefined ? null : shorter(rssBytes / MIB))),
    losses: records.flatMap(({ task, phases }) =>
      phases.flatMap(({ phase, losses }) => losses.map((loss, epoch) => ({ task, phase, epoch, loss }))),
    ),
  }
}

/** Two decimals are all that a chart shows. */
const shorter = (value: number) => Math.round(value * 100) / 100
