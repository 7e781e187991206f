import { variableStore } from '@pilotjs/core/parameters'
import { flushEngine } from '@pilotjs/core/training'
import { choleskyFactor, NotPositiveDefiniteError } from '@pilotjs/linalg'
import { add, concat, dispose, matMul, slice, square, sub, sum, tidy, transpose, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { FeatureMap } from './feature-map'
import { gramTiles } from './gram-tiles'
import { checkLabels, oneHotLabels } from './one-hot'
import { ridgeStatistics } from './ridge-statistics'
import { forRows } from './rows'

/** RanPAC's grid: 10⁻⁸, 10⁻⁷, …, 10⁸. */
export const ridgeStrengths: readonly number[] = Array.from({ length: 17 }, (_, i) => Number(`1e${i - 8}`))

export interface SelectRidgeOptions {
  map: FeatureMap
  /** Columns of the one-hot targets. */
  classes: number
  /** Default `ridgeStrengths`. */
  strengths?: readonly number[]
  /**
   * The largest strength whose error is at most the least one · (1 + tolerance) is taken. Where images are fewer than outputs the
   * error hardly depends on small strengths, and which of them has the least is chance. Default 0.01.
   */
  tolerance?: number
  /** Part of the rows that is fitted, from the beginning; the rest validates. Default 0.8. Shuffle the rows beforehand. */
  fitted?: number
}

export interface RidgeSelection {
  readonly strength: number
  /** Mean squared error on the held-out rows per strength; Infinity where float32 cannot solve with so small a strength. */
  readonly errors: readonly number[]
}

/**
 * The ridge strength that predicts held-out images of one task best, as RanPAC (and PILOT) choose it: fit on the first 80 % of
 * the rows, mean squared error of one-hot predictions on the rest. For sums over several tasks `fitByEvidence` is the better
 * judge. One factorisation a strength, of the smaller of two equal problems: where images
 * are fewer than outputs it is the dual one, H Hᵀ + λI, whose kernel is summed over columns of H so that H never stands in memory
 * as a whole.
 * @param features [images, width], before the map
 * @throws RangeError for fewer than two images, or where no strength can be solved with
 */
export async function selectRidge(
  features: Tensor2D,
  labels: ArrayLike<number>,
  { map, classes, strengths = ridgeStrengths, tolerance = 0.01, fitted = 0.8 }: SelectRidgeOptions,
): Promise<RidgeSelection> {
  const total = features.shape[0]
  checkLabels(total, labels)
  const fit = Math.floor(total * fitted)
  if (fit < 1 || fit === total)
    throw new RangeError(
      `${total} images cannot be split into ${fitted} to fit and the rest to validate: give more, or a strength`,
    )
  const problem = fit < map.outputs ? dualProblem : primalProblem
  const { predict, dispose: end } = problem(features, labels, fit, classes, map)
  const heldOut = oneHotLabels(Array.from(labels).slice(fit), classes)
  try {
    const errors: number[] = []
    for (const strength of strengths) errors.push(await meanSquaredError(() => predict(strength), heldOut))
    const least = Math.min(...errors)
    if (!Number.isFinite(least))
      throw new RangeError(`no ridge strength of [${strengths.join(', ')}] can be solved with: add larger ones`)
    const good = strengths.filter((_, i) => errors[i]! <= least * (1 + tolerance))
    return { strength: Math.max(...good), errors }
  } finally {
    heldOut.dispose()
    end()
  }
}

async function meanSquaredError(predict: () => Promise<Tensor2D>, targets: Tensor2D): Promise<number> {
  try {
    const predicted = await predict()
    // Rows first: a float32 sum over a row is exact enough, the sum over all rows is taken in float64.
    const squares = tidy(() => sum(square(sub(predicted, targets)), 1))
    predicted.dispose()
    const values = (await squares.data()) as Float32Array
    squares.dispose()
    const mean = values.reduce((all, value) => all + value, 0) / targets.size
    return Number.isNaN(mean) ? Infinity : mean
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return Infinity
    throw error
  }
}

interface RidgeProblem {
  /** Predictions for the held-out rows: [images − fit, classes]. */
  predict(strength: number): Promise<Tensor2D>
  dispose(): void
}

type MakeProblem = (
  features: Tensor2D,
  labels: ArrayLike<number>,
  fit: number,
  classes: number,
  map: FeatureMap,
) => RidgeProblem

/** Columns of H that stand in memory at once. */
const kernelColumns = 1024

/** Predictions K_v (K_f + λI)⁻¹ Y, with the kernels K_f = H_f H_fᵀ of the fitted rows and K_v = H_v H_fᵀ of the others. */
const dualProblem: MakeProblem = (features, labels, fit, classes, map) => {
  const [total, width] = features.shape
  const store = variableStore()
  const own = gramTiles(fit, store, 'own')
  tidy(() => store.set('cross', zeros([total - fit, fit])))
  const heldOut = slice(features, [fit, 0], [total - fit, width])
  const fitted = own.columns.map(({ start, count }) => slice(features, [start, 0], [count, width]))
  for (let start = 0; start < map.outputs; start += kernelColumns) {
    const columns = { start, count: Math.min(kernelColumns, map.outputs - start) }
    const parts = fitted.map((rows) => tidy(() => transpose(map.apply(rows, columns))))
    tidy(() => {
      const hidden = map.apply(heldOut, columns)
      const added = parts.map((part) => matMul<Tensor2D>(hidden, part))
      store.set('cross', add(store.get('cross'), concat(added, 1)))
    })
    flushEngine()
    own.add(parts)
    dispose(parts)
  }
  dispose([heldOut, ...fitted])
  const targets = oneHotLabels(Array.from(labels).slice(0, fit), classes)
  return {
    async predict(strength) {
      const factor = await choleskyFactor(own.tiles, { ridge: strength })
      const predicted: Tensor2D = tidy(() => matMul(store.get('cross') as Tensor2D, factor.solve(targets)))
      factor.dispose()
      return predicted
    },
    dispose() {
      store.dispose()
      targets.dispose()
    },
  }
}

/** Predictions H_v W with W from the Gram matrix of the fitted rows. */
const primalProblem: MakeProblem = (features, labels, fit, classes, map) => {
  const [total, width] = features.shape
  const statistics = ridgeStatistics({ map, classes })
  const known = slice(features, [0, 0], [fit, width])
  statistics.add(known, Array.from(labels).slice(0, fit))
  known.dispose()
  const heldOut = slice(features, [fit, 0], [total - fit, width])
  return {
    async predict(strength) {
      const weights = await statistics.solve(strength)
      const parts: Tensor2D[] = []
      forRows(heldOut, (rows) => parts.push(tidy(() => matMul(map.apply(rows), weights, false, true))))
      const predicted = concat(parts, 0)
      dispose([weights, parts])
      return predicted
    },
    dispose() {
      statistics.dispose()
      heldOut.dispose()
    },
  }
}
