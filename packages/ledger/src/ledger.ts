import type { Accuracies, Figure, Setting } from './figure'
import { published } from './published'
import type { Result } from './result'

/** `reproduced`: no accuracy is further from the published one than the tolerance. */
export type State = 'reproduced' | 'differs' | 'not run' | 'nothing to compare with'

/** One line of the ledger: a setting, what was published for it and what came out here. */
export interface Row extends Setting {
  readonly paper?: Figure
  /** A published or logged run of PILOT, or where PILOT was run here, that. */
  readonly pilot?: Figure | Result
  readonly ours?: Result
  readonly state: State
}

/** Points that an accuracy may be off and still count as reproduced; LibContinual's tables use the same band. */
export const TOLERANCE = 1

const keyOf = ({ method, data, increment, baseClasses, backbone }: Setting, options: Result['options']) =>
  JSON.stringify([data, method, increment ?? null, baseClasses ?? null, backbone ?? null, options])

/**
 * The ledger: every setting with a published figure or a result, by data set and method. Figures of different weights, or of
 * weights or splits that nobody named, never stand in one row; nor do results with options of their own and any others.
 */
export function ledger(results: readonly Result[], figures: readonly Figure[] = published): Row[] {
  const rows = new Map<string, { setting: Setting; paper?: Figure; pilot?: Figure | Result; ours?: Result }>()
  const rowOf = ({ method, data, increment, baseClasses, backbone }: Setting, options: Result['options'] = {}) => {
    const setting = { method, data, increment, baseClasses, backbone }
    const key = keyOf(setting, options)
    const row = rows.get(key) ?? { setting }
    rows.set(key, row)
    return row
  }
  for (const figure of figures) rowOf(figure)[figure.by] ??= figure as Figure
  for (const result of results) {
    if (result.by === 'pilot') rowOf(result, result.options).pilot = result
    else rowOf(result, result.options).ours = result
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { setting, ...found }]) => ({ ...setting, ...found, state: stateOf(found) }))
}

/** PILOT's figure comes first: its config is what was run. */
function stateOf({ paper, pilot, ours }: Pick<Row, 'paper' | 'pilot' | 'ours'>): State {
  if (!ours) return 'not run'
  const known = pilot ?? paper
  if (!known) return 'nothing to compare with'
  const [theirs, here] = [accuraciesOf(known), accuraciesOf(ours)]
  const off = (['last', 'average'] as const).filter(
    (key) => theirs[key] !== undefined && Math.abs(theirs[key] - here[key]!) > TOLERANCE,
  )
  return off.length === 0 ? 'reproduced' : 'differs'
}

/** A figure's accuracies, or the means over a result's seeds. */
export function accuraciesOf(known: Figure | Result): Accuracies {
  if (!('seeds' in known)) return { last: known.last, average: known.average }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return { last: mean(known.last), average: mean(known.average) }
}
