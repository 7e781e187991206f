import type { Rng } from '@pilotjs/core/random'
import { createRng } from '@pilotjs/core/random'
import type { RecordedArray, RecordedArrays } from './recorded-arrays'

/** What a task's training drew: features in place of images, and the order in which they were walked. */
export interface RecordedDraws {
  /** Of each epoch, what each source in turn was drawn from: standard normal numbers, [count · width]. */
  readonly normals: readonly (readonly Float32Array[])[]
  /** Of each epoch. */
  readonly orders: readonly Int32Array[]
}

/**
 * A recorded `taskT.random`: `samples` [epochs, sources, count, width], `perm` [epochs, sources · count], and maybe `eps` like
 * samples.
 */
export function recordedDraws(random: RecordedArrays, statistics: RecordedArrays): RecordedDraws | undefined {
  const { samples, perm, eps } = random
  if (!samples || !perm) return undefined
  const [epochs = 0, sources = 0, count = 0, width = 0] = samples.shape
  const gaussians = eps ? undefined : recordedGaussians(statistics)
  const size = count * width
  const part = ({ values }: RecordedArray, at: number) => values.subarray(at * size, (at + 1) * size) as Float32Array
  const range = (length: number) => Array.from({ length }, (_, i) => i)
  return {
    normals: range(epochs).map((epoch) =>
      range(sources).map((source) => {
        const at = epoch * sources + source
        return eps ? part(eps, at) : standardized(part(samples, at), gaussians![source]!)
      }),
    ),
    orders: range(epochs).map((epoch) =>
      Int32Array.from(perm.values.subarray(epoch * sources * count, (epoch + 1) * sources * count)),
    ),
  }
}

/** How many features were drawn of each source. */
export const recordedSampleCount = ({ samples }: RecordedArrays): number | undefined => samples?.shape[2]

interface Gaussian {
  readonly mean: ArrayLike<number>
  /** [width, width], or [width] of variances. */
  readonly covariance: RecordedArray
  readonly regularization: number
}

/** `cls_mean.CLASS` and `cls_cov.CLASS`, or `cls_mean.CLASS.GROUP` and so on: there, a group of one image was not drawn from. */
function recordedGaussians(end: RecordedArrays): Gaussian[] {
  const numbers = (name: string) => name.split('.').slice(1).map(Number)
  return Object.keys(end)
    .filter((name) => name.startsWith('cls_mean.'))
    .map((name) => ({ name, place: numbers(name) }))
    .sort((a, b) => a.place[0]! - b.place[0]! || (a.place[1] ?? 0) - (b.place[1] ?? 0))
    .map(({ name, place }) => ({
      mean: end[name]!.values,
      covariance: end[name.replace('cls_mean', 'cls_cov')]!,
      regularization: place.length > 1 ? 1e-4 : 0,
    }))
    .filter(({ covariance }) => covariance.values.some((value) => value !== 0))
}

/** The standard normal numbers that samples of a Gaussian stand for: L⁻¹ (x − mean) with L Lᵀ = covariance, row by row. */
function standardized(samples: Float32Array, { mean, covariance, regularization }: Gaussian): Float32Array {
  const width = mean.length
  const { values, shape } = covariance
  const lower =
    shape.length === 2
      ? choleskyRows(values, width)
      : Array.from(values, (variance, i) => {
          const row = new Float64Array(width)
          row[i] = Math.sqrt(variance + regularization)
          return row
        })
  const normals = new Float32Array(samples.length)
  for (let first = 0; first < samples.length; first += width) {
    const solved = new Float64Array(width)
    for (let i = 0; i < width; i++) {
      let rest = samples[first + i]! - mean[i]!
      for (let j = 0; j < i; j++) rest -= lower[i]![j]! * solved[j]!
      solved[i] = rest / lower[i]![i]!
    }
    normals.set(solved, first)
  }
  return normals
}

function choleskyRows(matrix: ArrayLike<number>, width: number): Float64Array[] {
  const rows: Float64Array[] = []
  for (let i = 0; i < width; i++) {
    const row = new Float64Array(width)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * width + j]!
      for (let k = 0; k < j; k++) rest -= row[k]! * (j === i ? row[k]! : rows[j]![k]!)
      row[j] = j === i ? Math.sqrt(rest) : rest / rows[j]![j]!
    }
    rows.push(row)
  }
  return rows
}

/**
 * A generator whose permutations of a task's images are the recorded loader's order, and that draws features as they were
 * recorded; everything else it draws is a seed's, and is overwritten by what was recorded before it matters.
 */
export function recordedRng(task: number, order: Int32Array, draws: RecordedDraws | undefined): Rng {
  const replaying = (rng: Rng, epoch: number | undefined): Rng => {
    const sources = [...(draws?.normals[epoch ?? -1] ?? [])]
    const drawnOrder = draws?.orders[epoch ?? -1]
    return {
      ...rng,
      permutation(length) {
        const recorded = length === order.length ? order : length === drawnOrder?.length ? drawnOrder : undefined
        return recorded ? Int32Array.from(recorded) : rng.permutation(length)
      },
      normals(length, mean, deviation) {
        const recorded = sources[0]?.length === length ? sources.shift()! : undefined
        return recorded
          ? Float32Array.from(recorded, (value) => mean + deviation * value)
          : rng.normals(length, mean, deviation)
      },
      fork: (...names) =>
        replaying(rng.fork(...names), names[0] === 'epoch' && typeof names[1] === 'number' ? names[1] : epoch),
    }
  }
  return replaying(createRng(0).fork('task', task), undefined)
}
