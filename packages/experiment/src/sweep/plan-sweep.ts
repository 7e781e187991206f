import type { Method } from '@pilotjs/core'
import { nearestName } from '@pilotjs/core/names'
import { ExperimentError, messageOf } from '../experiment-error'
import type { PlanOptions } from '../planning/plan-runs'
import { planRuns } from '../planning/plan-runs'
import type { Loaded } from '../registry/registry'
import type { RunConfig } from '../run-directory/run-config'
import type { Cell } from './expand-sweep'
import { cellsOf, countRuns, gridsOf, scopeOf } from './expand-sweep'
import type { SweepSettings } from './sweep-settings'

/** One run of a sweep as its settings ask for it; nothing was looked at but names and options. */
export interface PlannedRun {
  /** What sets it apart for people: `l2p, poolSize=10, increment=5, seed 1993`. */
  readonly label: string
  readonly loaded: Loaded<'method'>
  readonly config: RunConfig
}

export interface SweepPlan {
  readonly runs: readonly PlannedRun[]
  /** What was understood in a way that one may want to know, once each. */
  readonly notes: readonly string[]
}

/** A sweep of more is a slip of the pen, or should be several. */
const MOST = 20_000
/** Problems that a message tells; there may be as many as runs. */
const TOLD = 5

/**
 * Works out every run of a sweep, and checks names, options and sizes of all of them.
 * @param options.most runs; counted before any is made, so that a grid of a million costs nothing
 * @throws ExperimentError `too-many-runs`; `invalid-sweep` with every run that cannot be, and why
 */
export async function planSweep(
  sweep: SweepSettings,
  options: PlanOptions & { readonly most?: number },
): Promise<SweepPlan> {
  const { most = MOST } = options
  const count = countRuns(sweep)
  if (count > most)
    throw new ExperimentError(
      'too-many-runs',
      { runs: count, most },
      `this sweep asks for ${count.toLocaleString('en-US')} runs, and ${most.toLocaleString('en-US')} is the most: ${sizesOf(sweep)}`,
    )
  const runs: PlannedRun[] = []
  const notes = new Set<string>()
  const problems: { run: string; message: string }[] = []
  for (const cell of cellsOf(sweep)) {
    try {
      const plan = await planRuns(cell.target, cell.settings, options)
      plan.notes.forEach((note) => notes.add(note))
      for (const config of plan.configs)
        runs.push({ label: labelOf(cell, plan.loaded.value, config.seed), loaded: plan.loaded, config })
    } catch (error) {
      problems.push({ run: [cell.target, ...cell.differs].join(', '), message: hinted(messageOf(error), sweep) })
    }
  }
  if (problems.length > 0) throw invalid(problems, countCells(sweep))
  return { runs, notes: [...notes] }
}

const labelOf = ({ differs }: Cell, method: Method, seed: number) =>
  [method.name, ...differs, `seed ${seed}`].join(', ')

/** @param settings how many were looked at */
export function invalid(problems: readonly { run: string; message: string }[], settings: number): ExperimentError {
  // One mistake in what all have in common would be told hundreds of times.
  const byMessage = new Map<string, string[]>()
  for (const { run, message } of problems) byMessage.set(message, [...(byMessage.get(message) ?? []), run])
  const lines = [...byMessage].slice(0, TOLD).map(([message, runs]) => {
    const more = runs.length > 1 ? ` (and ${runs.length - 1} more)` : ''
    return `  ${runs[0]!}${more}: ${message}`
  })
  if (byMessage.size > TOLD) lines.push(`  … and ${byMessage.size - TOLD} more`)
  return new ExperimentError(
    'invalid-sweep',
    { problems },
    `${problems.length} of ${settings} settings cannot be run; nothing was begun:\n${lines.join('\n')}`,
  )
}

const countCells = (sweep: SweepSettings) => [...cellsOf(sweep)].length

/** `l2p.poolSize` where the sweep has no l2p is taken for an option called l2p: say so. */
function hinted(message: string, sweep: SweepSettings): string {
  for (const grid of gridsOf(sweep))
    for (const key of Object.keys(grid.options ?? {})) {
      const methods = grid.methods ?? []
      const [first = '', ...rest] = key.split('.')
      if (rest.length === 0 || scopeOf(key, methods) !== undefined || !message.includes(`"${first}"`)) continue
      const near = nearestName(first, methods)
      return `${message}\n    (${key} is meant for one method? ${near ? `Did you mean "${near}"?` : `The sweep has ${methods.join(', ')}.`})`
    }
  return message
}

/** `3 methods × 1,000 seeds × 20 of increment` */
const sizesOf = (sweep: SweepSettings): string =>
  gridsOf(sweep)
    .slice(0, 3)
    .map((grid) =>
      [
        ...Object.entries(grid).filter(([name]) => name !== 'options' && name !== 'runs'),
        ...Object.entries(grid.options ?? {}),
      ]
        .flatMap(([name, values]) =>
          Array.isArray(values) && values.length > 1 ? [`${values.length.toLocaleString('en-US')} ${name}`] : [],
        )
        .join(' × '),
    )
    .join('; ')
