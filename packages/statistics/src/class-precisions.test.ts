import { matMul, memory, stack, tensor2d, unstack } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { deviation, readFixture, rows } from './__fixtures__/floats'
import type { FecamRecord } from './__fixtures__/floats'
import { classPrecisions } from './class-precisions'
import { classCovariances } from './class-moments'
import { mahalanobisDistances, normalizeCovariance, shrinkCovariance } from './covariance'
import { correlationPrecision, rowCorrelationPrecision } from './precision'

const record = readFixture<FecamRecord>('fecam-a-task1')
const classes = [...new Set(record.labels)].sort((a, b) => a - b)
const covariances = unstack(classCovariances(rows(record.features, record.width), record.labels, classes)) as Tensor2D[]

describe('precisions', () => {
  it('are inverses of shrunk correlations', async () => {
    const precision = await correlationPrecision(covariances[0]!, { diagonal: 1, offDiagonal: 0 })
    const correlations = normalizeCovariance(shrinkCovariance(covariances[0]!, { diagonal: 1, offDiagonal: 0 }))
    const unit = Array.from({ length: record.width ** 2 }, (_, i) => (i % (record.width + 1) === 0 ? 1 : 0))
    expect(deviation(matMul(precision, correlations).dataSync(), unit)).toBeLessThan(1e-4)
  })

  it('are the identity where nothing varies, and a pseudo-inverse where some directions do not', async () => {
    const none = await correlationPrecision(tensor2d([0, 0, 0, 0], [2, 2]), { diagonal: 1, offDiagonal: 0 })
    expect(Array.from(none.dataSync())).toEqual([1, 0, 0, 1])
    const flat = await correlationPrecision(tensor2d([2, 2, 2, 2], [2, 2]), { diagonal: 0, offDiagonal: 0 })
    expect(deviation(flat.dataSync(), [0.25, 0.25, 0.25, 0.25])).toBeLessThan(1e-5)
  })

  it('of row correlations are PILOT’s', async () => {
    const expected = rows(record.firstPseudoInverses, record.width ** 2)
    const found = await rowCorrelationPrecision(covariances[0]!, 100)
    expect(deviation(found.dataSync(), Array.from(expected.dataSync()).slice(0, record.width ** 2))).toBeLessThan(2e-5)
  })
})

describe('classPrecisions', () => {
  const metrics = [tensor2d([2, 0, 0, 1], [2, 2]), tensor2d([1, 0.5, 0.5, 1], [2, 2]), tensor2d([1, 0, 0, 3], [2, 2])]
  const means = tensor2d([0, 0, 1, 1, 2, 0], [3, 2])
  const features = tensor2d([1, 2, -1, 0.5], [2, 2])

  it('measure every class by its own metric', () => {
    const precisions = classPrecisions()
    precisions.add(metrics.slice(0, 1))
    precisions.add(metrics.slice(1))
    expect(precisions.classes).toBe(3)
    const expected = mahalanobisDistances(features, means, metrics)
    expect(deviation(precisions.distances(features, means).dataSync(), expected.dataSync())).toBeLessThan(1e-6)
    precisions.remove(1)
    const others = mahalanobisDistances(features, tensor2d([0, 0, 2, 0], [2, 2]), [metrics[0]!, metrics[2]!])
    const found = precisions.distances(features, tensor2d([0, 0, 2, 0], [2, 2]))
    expect(deviation(found.dataSync(), others.dataSync())).toBeLessThan(1e-6)
    precisions.dispose()
  })

  it('come back from their state, and leave nothing behind', () => {
    const before = memory().numTensors
    const precisions = classPrecisions()
    precisions.add(metrics)
    const restored = classPrecisions()
    restored.restore(precisions.variables(), undefined)
    expect(restored.classes).toBe(3)
    const kept = stack(metrics) as Tensor3D
    expect(restored.variables()['0']!.dataSync()).toEqual(kept.dataSync())
    kept.dispose()
    for (const one of [precisions, restored]) one.dispose()
    expect(memory().numTensors).toBe(before)
  })

  it('lie in blocks, of which a new class changes the last, and a class that goes its own', () => {
    const precisions = classPrecisions()
    const many = Array.from({ length: 37 }, (_, label) => tensor2d([label + 1, 0, 0, 1], [2, 2]))
    const counts = () => Object.values(precisions.variables()).map(({ shape }) => shape[0])
    const check = (labels: readonly number[]) => {
      expect(precisions.classes).toBe(labels.length)
      const own = tensor2d(
        labels.flatMap((label) => [label / 8, -label / 8]),
        [labels.length, 2],
      )
      const expected = mahalanobisDistances(
        features,
        own,
        labels.map((label) => many[label]!),
      )
      expect(deviation(precisions.distances(features, own).dataSync(), expected.dataSync())).toBeLessThan(1e-6)
    }
    precisions.add(many.slice(0, 10))
    precisions.add(many.slice(10, 20))
    const first = precisions.variables()['0']
    precisions.add(many.slice(20, 37))
    expect(precisions.variables()['0']).toBe(first)
    expect(counts()).toEqual([16, 16, 5])
    let labels = many.map((_, label) => label)
    check(labels)
    const remove = (label: number) => {
      precisions.remove(label)
      labels = labels.filter((_, at) => at !== label)
    }
    for (const label of [17, 0, 35 - 1]) remove(label)
    expect(counts()).toEqual([15, 15, 4])
    check(labels)
    for (let i = 0; i < 15; i++) remove(15)
    expect(counts()).toEqual([15, 4])
    check(labels)
    precisions.add(many.slice(20, 34))
    labels.push(...Array.from({ length: 14 }, (_, i) => 20 + i))
    expect(counts()).toEqual([15, 16, 2])
    check(labels)
    precisions.dispose()
  })
})
