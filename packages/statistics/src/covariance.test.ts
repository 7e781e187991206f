import { l2Normalize } from '@pilotjs/core/ops'
import { symmetricPseudoInverse } from '@pilotjs/linalg'
import { add, eye, memory, mul, reshape, slice, tensor2d, unstack, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { deviation, floats, readFixture, rows } from './__fixtures__/floats'
import type { FecamRecord } from './__fixtures__/floats'
import { classCovariances, classMeans } from './class-moments'
import { mahalanobisDistances, normalizeCovariance, rowCorrelations, shrinkCovariance } from './covariance'
import { tukey } from './tukey'

describe('FeCAM’s covariances', () => {
  it('lead to PILOT’s distances', async () => {
    const golden = readFixture<FecamRecord>('fecam-a-task1')
    const features = rows(golden.features, golden.width)
    const classes = Array.from(new Set(golden.labels))
    const means = classMeans(features, golden.labels, classes)
    expect(deviation(means.dataSync(), floats(golden.means))).toBeLessThan(2e-6)
    const correlations = unstack(classCovariances(features, golden.labels, classes)).map((covariance) =>
      rowCorrelations(add(covariance, mul(100, eye(golden.width))) as Tensor2D),
    )
    const expected = floats(golden.firstCovariances)
    const size = golden.width ** 2
    const precisions: Tensor2D[] = []
    for (const correlation of correlations) precisions.push(await symmetricPseudoInverse(correlation))
    for (const label of [0, 1]) {
      const own = expected.slice(label * size, (label + 1) * size)
      expect(deviation(correlations[label]!.dataSync(), own)).toBeLessThan(2e-6)
      const inverse = floats(golden.firstPseudoInverses).slice(label * size, (label + 1) * size)
      expect(deviation(precisions[label]!.dataSync(), inverse)).toBeLessThan(1e-5)
    }
    const tests = rows(golden.testFeatures, golden.width)
    const distances = mahalanobisDistances(l2Normalize(tests), l2Normalize(means), precisions)
    expect(deviation(distances.dataSync(), floats(golden.distances))).toBeLessThan(1e-5)
  })

  it('shrink towards the mean variance and covariance', () => {
    const covariance = tensor2d([
      [4, 1],
      [1, 2],
    ])
    expect(shrinkCovariance(covariance, { diagonal: 2, offDiagonal: 3 }).arraySync()).toEqual([
      [10, 4],
      [4, 8],
    ])
    expect(shrinkCovariance(tensor2d([[5]])).arraySync()).toEqual([[10]])
  })

  it('have ones on the diagonal once normalised', () => {
    const normal = normalizeCovariance(
      tensor2d([
        [4, 3],
        [3, 9],
      ]),
    )
    expect(deviation(normal.dataSync(), [1, 0.5, 0.5, 1])).toBeLessThan(1e-6)
  })
})

describe('covariances of too few images', () => {
  it('are normalised to the identity where nothing varies', () => {
    const partly = normalizeCovariance(
      tensor2d([
        [4, 0, 2],
        [0, 0, 0],
        [2, 0, 4],
      ]),
    )
    expect(deviation(partly.dataSync(), [1, 0, 0.5, 0, 1, 0, 0.5, 0, 1])).toBeLessThan(1e-6)
    const alone = classCovariances(tensor2d([[1, 2]]), [0], [0])
    const [single] = unstack(alone) as [Tensor2D]
    expect(normalizeCovariance(shrinkCovariance(single)).arraySync()).toEqual([
      [1, 0],
      [0, 1],
    ])
  })
})

describe('mahalanobisDistances', () => {
  it('are squared Euclidean distances where the precision is the identity', () => {
    const before = memory().numTensors
    const features = tensor2d([
      [1, 2],
      [0, 0],
    ])
    const means = tensor2d([
      [1, 0],
      [4, 6],
    ])
    const precision = eye(2)
    const scaled = mul(precision, 0.5) as Tensor2D
    const distances = mahalanobisDistances(features, means, [precision, scaled])
    expect(distances.arraySync()).toEqual([
      [4, 12.5],
      [1, 26],
    ])
    ;[features, means, precision, scaled, distances].forEach((tensor) => tensor.dispose())
    expect(memory().numTensors).toBe(before)
  })

  it('want one precision a class, and one width', () => {
    expect(() => mahalanobisDistances(zeros([1, 2]), zeros([3, 2]), [eye(2)])).toThrow(/1 precisions for 3 class means/)
    expect(() => mahalanobisDistances(zeros([1, 5]), zeros([1, 2]), [eye(2)])).toThrow(/5 wide, but the class means 2/)
  })
})

describe('tukey', () => {
  it('raises to a power, negative features counting as zero', () => {
    const features = tensor2d([[4, 0, -3]])
    expect([...tukey(features, 0.5).dataSync()]).toEqual([2, 0, 0])
    const [log] = tukey(slice(reshape(features, [1, 3]) as Tensor2D, [0, 0], [1, 1]), 0).dataSync()
    expect(log).toBeCloseTo(Math.log(4), 6)
  })
})
