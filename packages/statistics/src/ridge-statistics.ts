import { variableStore } from '@pilotjs/core'
import type { Part } from '@pilotjs/core'
import { choleskyFactor } from '@pilotjs/linalg'
import { add, concat, dispose, matMul, tidy, transpose, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { FeatureMap } from './feature-map'
import { checkLabels, oneHotLabels } from './one-hot'
import { gramTiles, isTileName } from './gram-tiles'
import { forRows } from './rows'

export interface RidgeStatisticsOptions {
  /** From features to what is regressed on. */
  map: FeatureMap
  /** Columns of the class sums to begin with; more come as labels ask for them. */
  classes: number
  /** Of the Gram matrix and the class sums in the learner's state. Default `G`, `Q` (PILOT's RanPAC). */
  names?: { readonly gram: string; readonly classSums: string }
}

/** What ridge regression onto one-hot labels needs to know of all images so far: the Gram matrix HᵀH and the class sums HᵀY. */
export interface RidgeStatistics extends Part {
  /** Columns of the class sums. */
  readonly classes: number
  /**
   * Adds images, a few at a time: memory does not grow with their number.
   * @param features [images, width], before the map
   */
  add(features: Tensor2D, labels: ArrayLike<number>): void
  /**
   * (HᵀH + strength · I)⁻¹ HᵀY, transposed: one factorisation, rows for all classes.
   * @returns [classes, outputs]
   * @throws NotPositiveDefiniteError where the strength is too small for float32
   */
  solve(strength: number): Promise<Tensor2D>
}

/** Streaming ridge regression (RanPAC's equations 4 and 5): tasks add to two sums, and the weights follow from them alone. */
export function ridgeStatistics({
  map,
  classes,
  names = { gram: 'G', classSums: 'Q' },
}: RidgeStatisticsOptions): RidgeStatistics {
  const store = variableStore()
  const gram = gramTiles(map.outputs, store, names.gram)
  tidy(() => store.set(names.classSums, zeros([map.outputs, classes])))
  const sums = () => store.get(names.classSums) as Tensor2D

  return {
    get classes() {
      return sums().shape[1]
    },
    add(features, labels) {
      checkLabels(features.shape[0], labels)
      const most = Math.max(sums().shape[1], ...new Set(Array.from(labels, (label) => label + 1)))
      if (most > sums().shape[1])
        tidy(() => store.set(names.classSums, concat([sums(), zeros([map.outputs, most - sums().shape[1]])], 1)))
      forRows(features, (rows, start) => {
        const parts = gram.columns.map((columns) => map.apply(rows, columns))
        const targets = oneHotLabels(Array.from(labels).slice(start, start + rows.shape[0]), most)
        tidy(() => {
          const added = parts.map((part) => matMul<Tensor2D>(part, targets, true))
          store.set(names.classSums, add(sums(), concat(added, 0)))
        })
        gram.add(parts)
        dispose([...parts, targets])
      })
    },
    async solve(strength) {
      const factor = await choleskyFactor(gram.tiles, { ridge: strength })
      try {
        return tidy(() => transpose(factor.solve(sums())))
      } finally {
        factor.dispose()
      }
    },
    variables: store.all,
    restore: (tensors) => store.restore(tensors, (own) => own === names.classSums || isTileName(own, names.gram)),
    dispose: store.dispose,
  }
}
