import { createRng } from '@pilotjs/core/random'
import { choleskyFactor, symmetricEigen, triangularSolve } from '@pilotjs/linalg'
import {
  classCovariances,
  classMeans,
  fitByEvidence,
  mahalanobisDistances,
  normalizeCovariance,
  randomProjection,
  ridgeStatistics,
  selectRidge,
  shrinkCovariance,
} from '@pilotjs/statistics'
import { add, dispose, eye, matMul, mul, tidy, unstack } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'

const positiveDefinite = (size: number, seed: number): Tensor2D =>
  tidy(() => {
    const x = sample<Tensor2D>([size, size + 4], seed)
    return add(mul(matMul(x, x, false, true), 1 / size), eye(size)) as Tensor2D
  })

/** Factorisations and the statistics on them, which read what they computed on the way. */
export const linearAlgebra: readonly ConformanceCase[] = [
  {
    name: 'factor of Cholesky',
    async run() {
      const [matrix, rhs] = [positiveDefinite(21, 1), sample<Tensor2D>([21, 3], 2)]
      const factor = await choleskyFactor(matrix, { ridge: 0.5, blocks: [8, 4] })
      const results = { lower: factor.lower(), solution: factor.solve(rhs), logDeterminant: [factor.logDeterminant] }
      factor.dispose()
      dispose([matrix, rhs])
      return results
    },
  },
  {
    name: 'triangular solve',
    async run() {
      const matrix = positiveDefinite(9, 3)
      const factor = await choleskyFactor(matrix)
      const [lower, rhs] = [factor.lower(), sample<Tensor2D>([9, 2], 4)]
      const solution = await triangularSolve(lower, rhs)
      factor.dispose()
      dispose([matrix, lower, rhs])
      return { solution }
    },
  },
  {
    name: 'eigenvalues',
    async run() {
      const matrix = positiveDefinite(24, 5)
      const { values, vectors } = await symmetricEigen(matrix)
      // Signs of eigenvectors are anybody's choice; what they make is not.
      const rebuilt: Tensor2D = tidy(() => matMul(mul<Tensor2D>(vectors, values), vectors, false, true))
      dispose([matrix, vectors])
      return { values, rebuilt }
    },
  },
  {
    name: 'ridge regression on random projections',
    tolerance: 1e-4,
    async run() {
      const map = randomProjection({ width: 6, outputs: 40, rng: createRng(1) })
      const statistics = ridgeStatistics({ map, classes: 3 })
      const features = sample<Tensor2D>([50, 6], 6)
      const labels = Array.from({ length: 50 }, (_, i) => (i * 7) % 4)
      const selected = await selectRidge(features, labels, { map, classes: 4, strengths: [1, 10, 100, 1000] })
      statistics.add(features, labels)
      const weights = await statistics.solve(10)
      const chosen = await fitByEvidence(statistics)
      dispose([features, chosen.weights])
      const { gram, classSums } = statistics.variables()
      const sums = { gram: gram!.clone(), classSums: classSums!.clone() }
      statistics.dispose()
      map.dispose()
      return { ...sums, weights, errors: selected.errors, strengths: [selected.strength, chosen.strength] }
    },
  },
  {
    name: 'class moments and distances',
    tolerance: 1e-4,
    run: () =>
      tidy(() => {
        const features = sample<Tensor2D>([12, 4], 7)
        const labels = Array.from({ length: 12 }, (_, i) => i % 2)
        const means = classMeans(features, labels, [0, 1])
        const covariances = classCovariances(features, labels, [0, 1])
        const shrunk = (unstack(covariances) as Tensor2D[]).map((own) => normalizeCovariance(shrinkCovariance(own)))
        return { means, covariances, distances: mahalanobisDistances(features, means, shrunk) }
      }),
  },
]
