import type { JsonValue, Learner, LearnerState, Method } from '@pilotjs/core'
import { dispose, tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { ReportBuilder } from './case-report'
import type { HerdingRecord } from './golden-case'
import type { RecordedArrays } from './recorded-arrays'
import { pilotNames } from './pilot-names'
import { keyRow, rowKey } from './recorded-images'

/** Runners-up nearer than this are as good as the recorded pick: float32 decides between them by rounding. */
const herdingNoise = 1e-5

type Exemplars = readonly (readonly string[])[]

const isExemplars = (json: JsonValue | undefined): json is { readonly exemplars: Exemplars } =>
  typeof json === 'object' && json !== null && 'exemplars' in json && Array.isArray(json.exemplars)

/** The keys of a learner's exemplars by class, if it keeps any. */
export function recordedExemplars({ json }: LearnerState): Exemplars | undefined {
  return Object.values(json).find(isExemplars)?.exemplars
}

/** Recorded exemplar rows by class, in order. */
function rowsByClass(end: RecordedArrays): Map<number, number[]> | undefined {
  const [rows, labels] = [end['stat.exemplar_index'], end['stat.exemplar_label']]
  if (!rows || !labels) return undefined
  const byClass = new Map<number, number[]>()
  rows.values.forEach((row, i) => {
    const label = labels.values[i]!
    byClass.set(label, [...(byClass.get(label) ?? []), row])
  })
  return byClass
}

/**
 * Compares exemplars with the recorded ones. A pick that departs first where herding had a near-tie is let pass.
 * @returns the classes whose exemplars differ for that reason: their means differ too
 */
export function uncertainClasses(
  exemplars: Exemplars | undefined,
  end: RecordedArrays,
  herding: ReadonlyMap<number, HerdingRecord>,
  report: ReportBuilder,
): ReadonlySet<number> {
  const recorded = rowsByClass(end)
  const uncertain = new Set<number>()
  if (!recorded) return uncertain
  if (!exemplars) {
    report.departs('end', 'the learner keeps no exemplars')
    return uncertain
  }
  for (const [label, rows] of recorded) {
    const own = (exemplars[label] ?? []).map(keyRow)
    if (own.join() === rows.join()) continue
    const first = rows.findIndex((row, i) => own[i] !== row)
    const nearTie = own.length === rows.length && (herding.get(label)?.margins[first] ?? Infinity) < herdingNoise
    if (nearTie) {
      uncertain.add(label)
      report.nearTie()
    } else report.departs('end', `exemplars of class ${label} are rows ${own.join(' ')}, recorded ${rows.join(' ')}`)
  }
  return uncertain
}

/** Puts a recorded end of a task in place of the learner's own, tensor by tensor, where shapes agree. */
export function carryRecorded(method: Method, learner: Learner, end: RecordedArrays): void {
  const state = learner.state()
  const names = pilotNames(method, Object.keys(state.tensors))
  const replaced: Tensor[] = []
  const tensors = Object.fromEntries(
    Object.entries(state.tensors).map(([name, own]) => {
      const recorded = names
        .get(name)!
        .map((theirs) => end[theirs] ?? end[`stat.${theirs}`])
        .find((found) => found !== undefined)
      if (recorded?.shape.join() !== own.shape.join()) return [name, own.clone()]
      const tensorOfRecord = tensor(recorded.values, [...recorded.shape], own.dtype)
      replaced.push(tensorOfRecord)
      return [name, tensorOfRecord]
    }),
  )
  const byClass = rowsByClass(end)
  const json = Object.fromEntries(
    Object.entries(state.json).map(([part, value]) => [
      part,
      byClass && isExemplars(value)
        ? { ...value, exemplars: [...byClass.values()].map((rows) => rows.map(rowKey)) }
        : value,
    ]),
  )
  learner.restore({ tensors, json })
  dispose(Object.values(tensors))
}
