import type { PilotMapping } from '@pilotjs/core'
import { directionDeviation, largestDeviation, rootMeanSquare } from './compare'
import type { Deviation } from './compare'
import type { ReportBuilder } from './case-report'
import { comparesDirections } from './exceptions'
import type { RecordedArrays } from './recorded-arrays'
import { untrained } from './recorded-context'
import { fits, padded, rowNamed, rowsFrom } from './table-shapes'

export interface EndComparison {
  /** `METHOD/CASE` */
  readonly id: string
  /** What the learner keeps when it has learned the task, by PILOT's names. */
  readonly own: RecordedArrays
  /** What it kept as phases began, by PILOT's names, in order. */
  readonly moments: readonly RecordedArrays[]
  /** What the record had as the task's phases began. */
  readonly start: RecordedArrays
  readonly end: RecordedArrays
  readonly pilot: PilotMapping | undefined
  /** Classes whose means rest on exemplars that are a near-tie. */
  readonly uncertain: ReadonlySet<number>
  readonly report: ReportBuilder
}

/** Compares how a task ended. A tensor of the record that nothing is compared with is reported as that. */
export function compareEnd({ id, own, moments, start, end, pilot, uncertain, report }: EndComparison): void {
  const unkept = pilot?.unkept ?? []
  const isUnkept = (name: string) => unkept.some((known) => name === known || name.startsWith(`${known}.`))
  for (const [name, expected] of Object.entries(end)) {
    // Compared as exemplars.
    if (name.startsWith('stat.exemplar_')) continue
    // Says where a table begins whose earlier rows the record leaves out.
    if (name.endsWith('_from') && name.slice(0, -'_from'.length) in end) continue
    const statistic = name.startsWith('stat.')
    const key = statistic ? name.slice('stat.'.length) : name
    const candidates = candidatesFor(key)
    if (candidates.length === 0) {
      if (isUnkept(name) || untrained(start[name]?.values, expected.values)) report.uncompared(name)
      else report.departs('end', `${key} [${expected.shape.join(', ')}] is not in the learner's state`)
      continue
    }
    const fitting = candidates.filter(({ shape }) => fits(shape, expected))
    if (fitting.length === 0) {
      const [{ shape }] = candidates as [RecordedArrays[string]]
      report.departs('end', `${key} is [${shape.join(', ')}], recorded [${expected.shape.join(', ')}]`)
      continue
    }
    const compared = fitting.map((actual) => compare(name, statistic, actual, expected))
    const { value, at, values } = compared.reduce((best, one) => (one.value < best.value ? one : best))
    report.compares('end', value, () => `${key}, element ${at}: ${values[at]}, recorded ${expected.values[at]}`)
  }

  /** The tensor as the task ended; of one that was recorded in between, as it was whenever a phase began, too. */
  function candidatesFor(key: string): RecordedArrays[string][] {
    const direct = own[key] ?? rowNamed(own, key)
    // Of a table that grows, a record may hold the newest rows only; `NAME_from` says which is the first.
    const from = end[`${key}_from`]?.values[0]
    if (direct) return [from === undefined ? direct : rowsFrom(direct, from)]
    const [, between] = /^after_[^.]+\.(.*)$/.exec(key) ?? []
    return between === undefined ? [] : [...moments, own].flatMap((kept) => kept[between] ?? [])
  }

  function compare(
    name: string,
    statistic: boolean,
    actual: RecordedArrays[string],
    expected: RecordedArrays[string],
  ): Deviation & { readonly values: Float32Array } {
    const width = expected.shape.at(-1) ?? 1
    const values = padded(actual, expected)
    if (statistic) expected.values.forEach((value, i) => uncertain.has(Math.floor(i / width)) && (values[i] = value))
    const deviation = comparesDirections(id, name)
      ? directionDeviation(values, expected.values, width)
      : largestDeviation(values, expected.values, rootMeanSquare(expected.values))
    return { ...deviation, values }
  }
}
