import { PilotError } from '@pilotjs/core'
import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import { choleskyFactor } from '@pilotjs/linalg'
import {
  add,
  concat,
  dispose,
  eye,
  matMul,
  mul,
  slice,
  split,
  square,
  sum,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { classFeatures } from './class-features'
import type { FeatureMap } from './feature-map'
import { checkLabels, oneHotLabels } from './one-hot'
import { gramTiles } from './gram-tiles'
import { forRows } from './rows'
import { traceProbes } from './trace-probes'

export interface RidgeStatisticsOptions {
  /** From features to what is regressed on. */
  map: FeatureMap
  /** Columns of the class sums to begin with; more come as labels ask for them. */
  classes: number
  /** Keeps the features of all images, so that a class can be taken out of the sums again. Default false. */
  removable?: boolean
}

/** The weights of one strength, and how probable it makes the images. */
export interface RidgeFit {
  /** [classes, outputs]; the caller disposes them. */
  readonly weights: Tensor2D
  /** ‖Y − HW‖² + strength · ‖W‖², of which ridge regression finds the least. At most the number of images. */
  readonly objective: number
  /** log det(HᵀH + strength · I) */
  readonly logDeterminant: number
  /** ‖W‖², which is also how fast the objective grows with the strength. */
  readonly squaredNorm: number
  /** How fast ‖W‖² changes with the strength: −2 · tr(Wᵀ (HᵀH + strength · I)⁻¹ W). */
  readonly squaredNormSlope: number
  /** tr (HᵀH + strength · I)⁻¹, estimated by `traceProbes`. */
  readonly inverseTrace: number
  /** tr (HᵀH + strength · I)⁻², estimated by `traceProbes`. */
  readonly inverseSquareTrace: number
}

/**
 * What ridge regression onto one-hot labels needs to know of all images so far: the Gram matrix HᵀH, the class sums HᵀY, and how
 * many images there were.
 */
export interface RidgeStatistics extends Part {
  /** Columns of the class sums. */
  readonly classes: number
  /** Rows and columns of the Gram matrix. */
  readonly outputs: number
  /** How many have been added; NaN where a state does not say. */
  readonly images: number
  /** Mean of the Gram matrix' eigenvalues: what a strength is large or small beside. */
  meanEigenvalue(): Promise<number>
  /**
   * Adds images, a few at a time: memory does not grow with their number.
   * @param features [images, width], before the map
   */
  add(features: Tensor2D, labels: ArrayLike<number>): void
  /**
   * Takes a class out again, to rounding; later ones move up by one.
   * @throws PilotError `not-removable` where these statistics were not made `removable`
   */
  remove(label: number): void
  /** Makes the images of one class another's, exactly; classes behind `from` move up by one. */
  merge(into: number, from: number): void
  /**
   * (HᵀH + strength · I)⁻¹ HᵀY, transposed: one factorisation, rows for all classes.
   * @returns [classes, outputs]
   * @throws NotPositiveDefiniteError where the strength is too small for float32
   */
  solve(strength: number): Promise<Tensor2D>
  /** As `solve`, with what tells strengths apart. */
  fit(strength: number): Promise<RidgeFit>
}

/** Streaming ridge regression (RanPAC's equations 4 and 5): tasks add to two sums, and the weights follow from them alone. */
export function ridgeStatistics({ map, classes, removable = false }: RidgeStatisticsOptions): RidgeStatistics {
  const store = variableStore()
  const kept = removable ? classFeatures(store, 'features') : undefined
  const gram = gramTiles(map.outputs, store, 'gram')
  const newProbes = traceProbes(map.outputs)
  tidy(() => store.set('classSums', zeros([map.outputs, classes])))
  const sums = () => store.get('classSums') as Tensor2D
  let images = 0
  const dropColumn = (label: number): void => {
    tidy(() => {
      const [before, behind] = [slice(sums(), [0, 0], [-1, label]), slice(sums(), [0, label + 1])]
      store.set('classSums', concat([before, behind], 1))
    })
  }

  return {
    get classes() {
      return sums().shape[1]
    },
    outputs: map.outputs,
    get images() {
      return images
    },
    async meanEigenvalue() {
      const diagonals = tidy(() =>
        concat(
          gram.tiles.map((row, i) => diagonalOf(row[i]!)),
          0,
        ),
      )
      const trace = total(await diagonals.data())
      diagonals.dispose()
      return trace / map.outputs
    },
    add(features, labels) {
      checkLabels(features.shape[0], labels)
      const most = Math.max(sums().shape[1], ...new Set(Array.from(labels, (label) => label + 1)))
      if (most > sums().shape[1])
        tidy(() => store.set('classSums', concat([sums(), zeros([map.outputs, most - sums().shape[1]])], 1)))
      forRows(features, (rows, start) => {
        const parts = gram.columns.map((columns) => map.apply(rows, columns))
        const targets = oneHotLabels(Array.from(labels).slice(start, start + rows.shape[0]), most)
        tidy(() => {
          const added = parts.map((part) => matMul<Tensor2D>(part, targets, true))
          store.set('classSums', add(sums(), concat(added, 0)))
        })
        gram.add(parts)
        dispose([...parts, targets])
      })
      kept?.add(features, labels)
      images += features.shape[0]
    },
    remove(label) {
      if (!kept)
        throw new PilotError(
          'not-removable',
          `class ${label} is in sums with all others: with the option removable: true the features are kept that take it out again`,
          { label, option: 'removable' },
        )
      const features = kept.of(label)
      forRows(features, (rows) => {
        const parts = gram.columns.map((columns) => map.apply(rows, columns))
        gram.subtract(parts)
        dispose(parts)
      })
      dropColumn(label)
      images -= features.shape[0]
      kept.remove(label)
    },
    merge(into, from) {
      tidy(() => {
        const moved = slice(sums(), [0, from], [-1, 1])
        const place = oneHotLabels([into], sums().shape[1])
        store.set('classSums', add(sums(), matMul(moved, place)))
      })
      dropColumn(from)
      kept?.merge(into, from)
    },
    async solve(strength) {
      const factor = await choleskyFactor(gram.tiles, { ridge: strength })
      try {
        return tidy(() => transpose(factor.solve(sums())))
      } finally {
        factor.dispose()
      }
    },
    async fit(strength) {
      const factor = await choleskyFactor(gram.tiles, { ridge: strength })
      const { logDeterminant } = factor
      const [weights, explained, norms, halves, traces, squares] = tidy(() => {
        const probes = newProbes()
        const solved = factor.solve(concat([sums(), probes], 1))
        const [solution, probed] = split(solved, [sums().shape[1], probes.shape[1]], 1) as [Tensor2D, Tensor2D]
        return [
          transpose(solution) as Tensor2D,
          sum(mul(solution, sums()), 0),
          sum(square(solution), 0),
          sum(square(factor.solveLower(solution)), 0),
          sum(mul(probes, probed), 0),
          sum(square(probed), 0),
        ]
      }) as [Tensor2D, Tensor1D, Tensor1D, Tensor1D, Tensor1D, Tensor1D]
      factor.dispose()
      const readings = [explained, norms, halves, traces, squares]
      const [inSums, squaredNorm, half, inverseTrace, inverseSquareTrace] = await Promise.all(
        readings.map(async (reading) => total(await reading.data())),
      )
      dispose(readings)
      return {
        weights,
        // With (HᵀH + λI) W = HᵀY, ‖Y − HW‖² + λ‖W‖² is ‖Y‖² − tr(Wᵀ HᵀY), and ‖Y‖² the number of images.
        objective: images - inSums!,
        logDeterminant,
        squaredNorm: squaredNorm!,
        squaredNormSlope: -2 * half!,
        inverseTrace: inverseTrace!,
        inverseSquareTrace: inverseSquareTrace!,
      }
    },
    variables: store.all,
    json: () => ({ images }),
    restore(tensors, json) {
      store.restore(tensors)
      images = (json as { images?: number } | null | undefined)?.images ?? NaN
    },
    dispose: store.dispose,
  }
}

const diagonalOf = (tile: Tensor2D): Tensor1D => tidy(() => sum(mul(tile, eye(tile.shape[0])), 1))

/** In float64. */
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)
