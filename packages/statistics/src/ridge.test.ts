import { createRng } from '@pilotjs/core/random'
import { solvePositiveDefinite } from '@pilotjs/linalg'
import { eye, matMul, memory, mul, add, sub, slice, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviation, floats, readFixture, rows } from './__fixtures__/floats'
import type { RanpacRecord } from './__fixtures__/floats'
import { simulatedTasks } from './__fixtures__/simulated-tasks'
import { identityMap } from './feature-map'
import { oneHotLabels } from './one-hot'
import { randomProjection } from './random-projection'
import { ridgeStatistics } from './ridge-statistics'
import { ridgeStrengths, selectRidge } from './select-ridge'

const golden = readFixture<RanpacRecord>('ranpac-mix')

function goldenProjection() {
  const map = randomProjection({ width: golden.width, outputs: golden.outputs, rng: createRng(0) })
  map.restore({ weight: rows(golden.projection, golden.outputs) }, undefined)
  return map
}

const randomRows = (count: number, width: number, seed: number) =>
  tensor2d(createRng(seed).normals(count * width, 0, 1), [count, width])

describe('ridge regression on random projections', () => {
  it('chooses PILOT’s strengths and arrives at PILOT’s sums and weights', async () => {
    const map = goldenProjection()
    const statistics = ridgeStatistics({ map, classes: golden.classes })
    expect(ridgeStrengths.map(Math.log10)).toEqual(golden.strengths.map(Math.log10))
    for (const task of golden.tasks) {
      const features = rows(task.features, golden.width)
      const options = { map, classes: golden.classes }
      const { strength, errors } = await selectRidge(features, task.labels, options)
      expect(strength).toBe(task.ridge)
      expect((await selectRidge(features, task.labels, { ...options, tolerance: 0 })).strength).toBe(task.ridge)
      // Below 10 PILOT solves a singular system and its errors are rounding noise.
      errors.forEach(
        (error, i) => ridgeStrengths[i]! >= 10 && expect(deviation([error], [task.errors[i]!])).toBeLessThan(1e-4),
      )
      statistics.add(features, task.labels)
      const { gram, classSums } = statistics.variables()
      // The record's features are float32 of another summation order; projections near zero show it.
      if (task.gram) expect(deviation(gram!.dataSync(), floats(task.gram))).toBeLessThan(5e-5)
      expect(deviation(classSums!.dataSync(), floats(task.classSums))).toBeLessThan(5e-5)
      const weights = await statistics.solve(strength)
      const expected = rows(task.weights, golden.outputs)
      expect(deviation(slice(weights, [0, 0], expected.shape).dataSync(), expected.dataSync())).toBeLessThan(2e-6)
    }
  })

  it('has one answer in its primal and its dual form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 30 }), fc.integer(), async (count, seed) => {
        const features = randomRows(count, 6, seed)
        const labels = Array.from({ length: count }, (_, i) => (i * 7 + (seed & 7)) % 3)
        const strengths = [0.1, 1, 10]
        // Columns of zeros change no prediction, but turn the choice of form.
        const padded = (width: number) => ({
          outputs: width,
          apply: (f: Tensor2D, columns = { start: 0, count: width }) =>
            slice(matMul(f, eye(6, width)), [0, columns.start], [f.shape[0], columns.count]) as Tensor2D,
        })
        const primal = await selectRidge(features, labels, { map: padded(6), classes: 3, strengths, fitted: 0.6 })
        const dual = await selectRidge(features, labels, { map: padded(40), classes: 3, strengths, fitted: 0.6 })
        expect(deviation(primal.errors, dual.errors)).toBeLessThan(1e-4)
      }),
      { numRuns: 8 },
    )
  })

  it('solves the normal equations, whichever way the rows came in', async () => {
    const features = randomRows(50, 9, 4)
    const labels = Array.from({ length: 50 }, (_, i) => i % 4)
    const atOnce = ridgeStatistics({ map: identityMap(9), classes: 4 })
    atOnce.add(features, labels)
    const inParts = ridgeStatistics({ map: identityMap(9), classes: 1 })
    inParts.add(slice(features, [0, 0], [13, 9]), labels.slice(0, 13))
    inParts.add(slice(features, [13, 0], [37, 9]), labels.slice(13))
    const weights = await atOnce.solve(0.5)
    expect(deviation((await inParts.solve(0.5)).dataSync(), weights.dataSync())).toBeLessThan(1e-5)
    const gram = add(matMul(features, features, true), mul(0.5, eye(9))) as Tensor2D
    const left = matMul(gram, weights, false, true)
    const right = matMul(features, oneHotLabels(labels, 4), true)
    expect(deviation(sub(left, right).dataSync(), new Float32Array(36))).toBeLessThan(1e-4)
  })

  it('keeps a Gram matrix of more than 1024 rows in tiles that restore and solve', async () => {
    const map = randomProjection({ width: 3, outputs: 1100, rng: createRng(2) })
    const features = randomRows(7, 3, 3)
    const labels = [0, 1, 1, 0, 1, 0, 0]
    const statistics = ridgeStatistics({ map, classes: 2 })
    statistics.add(features, labels)
    expect(Object.entries(statistics.variables()).map(([name, { shape }]) => [name, shape])).toEqual([
      ['gram.0.0', [1024, 1024]],
      ['gram.1.0', [76, 1024]],
      ['gram.1.1', [76, 76]],
      ['classSums', [1100, 2]],
    ])
    const copy = ridgeStatistics({ map, classes: 2 })
    copy.restore(statistics.variables(), undefined)
    const weights = await copy.solve(3)
    // With hidden features H: (HᵀH + λ)⁻¹ HᵀY = Hᵀ (H Hᵀ + λ)⁻¹ Y.
    const hidden = map.apply(features)
    const kernel: Tensor2D = matMul(hidden, hidden, false, true)
    const dual = await solvePositiveDefinite(kernel, oneHotLabels(labels, 2), { ridge: 3 })
    expect(deviation(weights.dataSync(), matMul(dual, hidden, true).dataSync())).toBeLessThan(1e-5)
  }, 30_000)

  it('leaves no tensor behind but its sums', async () => {
    const features = randomRows(20, 4, 1)
    const labels = Array.from({ length: 20 }, (_, i) => i % 2)
    const before = memory().numTensors
    const map = randomProjection({ width: 4, outputs: 8, rng: createRng(1) })
    for (const options of [{ map }, { map: identityMap(4) }])
      await selectRidge(features, labels, { ...options, classes: 2, strengths: [0, 1, 5] })
    expect(memory().numTensors).toBe(before + 1)
    const statistics = ridgeStatistics({ map, classes: 2 })
    statistics.add(features, labels)
    ;(await statistics.solve(1)).dispose()
    statistics.dispose()
    map.dispose()
    expect(memory().numTensors).toBe(before)
  })

  it('takes the largest of strengths that are as good as each other', async () => {
    // Fewer images than outputs: the held-out error is flat below some strength.
    const kind = { seed: 4, width: 30, tasks: 1, classesPerTask: 4, imagesPerClass: 5, noise: 0.3 }
    const { features, labels } = simulatedTasks(kind)[0]!
    const map = randomProjection({ width: 30, outputs: 200, rng: createRng(4) })
    const options = { map, classes: 4 }
    const { strength, errors } = await selectRidge(features, labels, options)
    const least = Math.min(...errors)
    const flat = ridgeStrengths.filter((_, i) => errors[i]! <= least * 1.01)
    expect(flat.length).toBeGreaterThan(5)
    expect(strength).toBe(Math.max(...flat))
    expect((await selectRidge(features, labels, { ...options, tolerance: 0.5 })).strength).toBeGreaterThan(strength)
    const reversed = [...ridgeStrengths].reverse()
    expect((await selectRidge(features, labels, { ...options, strengths: reversed })).strength).toBe(strength)
  })

  it('passes over strengths that cannot be solved with, and says so if none can', async () => {
    const features = tensor2d(new Float32Array(30), [10, 3])
    const labels = Array.from({ length: 10 }, () => 0)
    const options = { map: identityMap(3), classes: 1 }
    expect(await selectRidge(features, labels, { ...options, strengths: [0, 1] })).toEqual({
      strength: 1,
      errors: [Infinity, 1],
    })
    await expect(selectRidge(features, labels, { ...options, strengths: [0] })).rejects.toThrow(/add larger ones/)
    await expect(selectRidge(tensor2d([[1, 2, 3]]), [0], options)).rejects.toThrow(/cannot be split/)
    await expect(selectRidge(features, [0], options)).rejects.toThrow(/1 labels for 10 rows/)
  })
})
