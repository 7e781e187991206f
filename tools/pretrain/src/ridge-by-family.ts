import type { Rng } from '@pilotjs/core/random'
import type { IconSet, PackedSplit } from '@pilotjs/icons-100'
import { randomProjection, ridgeStatistics } from '@pilotjs/statistics'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { featuresOf } from './accuracy'

export interface RidgeByFamilyOptions {
  split: PackedSplit
  sets: readonly IconSet[]
  classes: number
  /** [batch, size, size, 3] → [batch, width] */
  apply: (images: Tensor4D) => Tensor2D
  /** numbers per image after RanPAC's random projection */
  projectionSize: number
  strengths: readonly number[]
  /** parts that the families of sets are dealt into; each is predicted from the others */
  folds: number
  rng: Rng
}

/**
 * How often RanPAC's ridge regression recognises drawings of families of icon sets that it has not seen, per strength. A task's
 * own images, held out as RanPAC does, come from the same sets as those it learns, and so ask for less strength than drawings by
 * others do.
 *
 * @returns accuracy over all drawings, 0 … 1, in the order of `strengths`
 */
export async function ridgeByFamily(options: RidgeByFamilyOptions): Promise<number[]> {
  const { split, sets, classes, apply, projectionSize, strengths, folds, rng } = options
  const families = [...new Set(Array.from(split.sets, (set) => sets[set]!.family))].sort()
  if (families.length < folds)
    throw new Error(`${families.length} families of sets cannot be dealt into ${folds} parts.`)
  const fold = new Map(
    Array.from(rng.permutation(families.length), (family, i) => [families[family]!, i % folds] as const),
  )
  const { features, labels } = await featuresOf(split, apply)
  const width = features[0]!.length
  const rows = (positions: number[]) => tf.tensor2d(flat(positions.map((i) => features[i]!)), [positions.length, width])
  const projection = randomProjection({ width, outputs: projectionSize, rng })
  const positions = Array.from({ length: split.length }, (_, i) => i)
  const right = strengths.map(() => 0)
  for (let out = 0; out < folds; out++) {
    const statistics = ridgeStatistics({ map: projection, classes })
    const isOut = (i: number) => fold.get(sets[split.sets[i]!]!.family) === out
    const seen = positions.filter((i) => !isOut(i))
    const unseen = positions.filter(isOut)
    const known = rows(seen)
    statistics.add(
      known,
      seen.map((i) => labels[i]!),
    )
    const lifted = tf.tidy(() => projection.apply(rows(unseen)))
    const truth = tf.tensor1d(
      unseen.map((i) => labels[i]!),
      'int32',
    )
    for (const [k, strength] of strengths.entries()) {
      const weights = await statistics.solve(strength)
      const hits = tf.tidy(() => tf.sum(tf.equal(tf.argMax(tf.matMul(lifted, weights, false, true), 1), truth)))
      right[k]! += (await hits.data())[0]!
      tf.dispose([weights, hits])
    }
    tf.dispose([known, lifted, truth])
    statistics.dispose()
  }
  projection.dispose()
  return right.map((count) => count / split.length)
}

function flat(rows: Float32Array[]): Float32Array {
  const all = new Float32Array(rows.length * (rows[0]?.length ?? 0))
  rows.forEach((row, i) => all.set(row, i * row.length))
  return all
}
