import { tolerance } from './compare'

/** What is compared, in the order of a report's columns. */
export const aspects = ['start', 'losses', 'end', 'scores', 'nme'] as const
export type Aspect = (typeof aspects)[number]

export interface CaseReport {
  readonly id: string
  readonly passed: boolean
  /** Largest deviation of each aspect that was compared. */
  readonly deviations: ReadonlyMap<Aspect, number>
  /** The first departures, in the order in which they came up. */
  readonly departures: readonly string[]
  /** Predictions that differ where the record's best two scores are equal within the tolerance. */
  readonly flips: number
  /** Herding picks that differ where the record's best two candidates are equal within float noise. */
  readonly nearTies: number
  /** Tasks whose end is not compared, since PILOT left it to rounding noise. */
  readonly noisyTasks: number
  /** Recorded tensors that nothing here is compared with: `*` stands for numbers in their names. */
  readonly uncompared: readonly string[]
}

export interface ReportBuilder {
  readonly task: number
  at(task: number): void
  /** Notes a deviation; one above the tolerance is a departure, described by `where`. */
  compares(aspect: Aspect, deviation: number, where: () => string): void
  departs(aspect: Aspect, text: string): void
  failed(message: string): void
  flipped(count: number): void
  nearTie(): void
  /** From some step on this task cannot be compared. */
  noisy(): void
  /** There is nothing here that this recorded tensor could be compared with. */
  uncompared(name: string): void
  finish(): CaseReport
}

export function caseReport(id: string): ReportBuilder {
  const deviations = new Map<Aspect, number>()
  const departures: string[] = []
  let task = 0
  let flips = 0
  let nearTies = 0
  let noisyTasks = 0
  const uncompared = new Set<string>()
  const departs = (aspect: Aspect, text: string) => departures.push(`task ${task}, ${aspect}: ${text}`)
  return {
    get task() {
      return task
    },
    at: (index) => (task = index),
    compares(aspect, deviation, where) {
      deviations.set(aspect, Math.max(deviations.get(aspect) ?? 0, deviation))
      if (!(deviation <= tolerance)) departs(aspect, `off by ${deviation.toExponential(1)} at ${where()}`)
    },
    departs,
    failed: (message) => departures.push(`task ${task}: ${message}`),
    flipped: (count) => (flips += count),
    nearTie: () => nearTies++,
    noisy: () => noisyTasks++,
    uncompared: (name) => uncompared.add(name.replace(/\d+/g, '*')),
    finish: () => ({
      id,
      passed: departures.length === 0,
      deviations,
      departures,
      flips,
      nearTies,
      noisyTasks,
      uncompared: [...uncompared],
    }),
  }
}

/** One line a case; a failed one is followed by the first tensor and step that depart, any by what was not compared. */
export function reportLines(report: CaseReport): string[] {
  const { id, passed, deviations, departures, flips, nearTies, noisyTasks, uncompared } = report
  const columns = aspects
    .filter((aspect) => deviations.has(aspect))
    .map((aspect) => `${aspect} ${deviations.get(aspect)!.toExponential(1)}`)
  if (flips > 0) columns.push(`${flips} near-tie prediction${flips > 1 ? 's' : ''}`)
  if (nearTies > 0) columns.push(`${nearTies} near-tie exemplar${nearTies > 1 ? 's' : ''}`)
  if (noisyTasks > 0) columns.push(`${noisyTasks} task${noisyTasks > 1 ? 's' : ''} up to a step of noise`)
  const left = uncompared.length > 0 ? [`      not compared: ${uncompared.join(', ')}`] : []
  const line = `${passed ? 'pass' : 'FAIL'}  ${id.padEnd(24)} ${columns.join('   ')}`.trimEnd()
  if (passed) return [line, ...left]
  const more = departures.length > 1 ? [`      … and ${departures.length - 1} more`] : []
  return [line, `      ${departures[0]}`, ...more, ...left]
}
