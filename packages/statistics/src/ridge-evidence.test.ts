import { createRng } from '@pilotjs/core/random'
import { add, argMax, eye, matMul, memory, mul, square, sub, sum, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { simulatedTasks } from './__fixtures__/simulated-tasks'
import type { SimulatedTask } from './__fixtures__/simulated-tasks'
import { identityMap } from './feature-map'
import { randomProjection } from './random-projection'
import { fitByEvidence } from './ridge-evidence'
import { ridgeStatistics } from './ridge-statistics'

const fixedStrengths = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6]

const percentRight = (weights: Tensor2D, hidden: Tensor2D, labels: readonly number[]): number => {
  const guesses = tidy(() => argMax(matMul(hidden, weights, false, true), 1)).dataSync()
  return (labels.filter((label, i) => guesses[i] === label).length / labels.length) * 100
}

/** After each task: the accuracy at the strength of the evidence, and at each fixed strength. */
async function accuracies(tasks: readonly SimulatedTask[], width: number, outputs: number, seed: number) {
  const map = randomProjection({ width, outputs, rng: createRng(seed) })
  const statistics = ridgeStatistics({ map, classes: 1 })
  const chosen: number[] = []
  const fixed: number[][] = []
  for (const { features, labels, testFeatures, testLabels } of tasks) {
    statistics.add(features, labels)
    const hidden = map.apply(testFeatures)
    chosen.push(percentRight((await fitByEvidence(statistics)).weights, hidden, testLabels))
    const row: number[] = []
    for (const strength of fixedStrengths) row.push(percentRight(await statistics.solve(strength), hidden, testLabels))
    fixed.push(row)
  }
  return { chosen, fixed }
}

describe('the strength of the most evidence', () => {
  // Images reach the projection's size (120) in the last tasks: there little regularised weights are at their worst.
  it.each([
    { noise: 0.5, imagesPerClass: 3 },
    { noise: 1, imagesPerClass: 3 },
    { noise: 1, imagesPerClass: 6 },
    { noise: 1.5, imagesPerClass: 4 },
  ])(
    'is never more than a few points below the best fixed one ($noise, $imagesPerClass)',
    async (kind) => {
      for (const seed of [1, 2, 3]) {
        const tasks = simulatedTasks({ ...kind, seed, width: 24, tasks: 10, classesPerTask: 4 })
        const { chosen, fixed } = await accuracies(tasks, 24, 120, seed)
        const averages = fixedStrengths.map((_, i) => fixed.reduce((sum, row) => sum + row[i]!, 0))
        const best = averages.indexOf(Math.max(...averages))
        const below = chosen.map((accuracy, task) => fixed[task]![best]! - accuracy)
        expect(Math.max(...below)).toBeLessThan(6)
      }
    },
    120_000,
  )

  it('is found in few factorisations, and no power of ten near it is much more probable', async () => {
    let [factorisations, searches] = [0, 0]
    for (const seed of [4, 5, 6]) {
      const statistics = ridgeStatistics({
        map: randomProjection({ width: 24, outputs: 120, rng: createRng(seed) }),
        classes: 1,
      })
      const counting = {
        ...statistics,
        get images() {
          return statistics.images
        },
        fit: (strength: number) => {
          factorisations += 1
          return statistics.fit(strength)
        },
      }
      for (const { features, labels } of simulatedTasks({
        noise: 1,
        imagesPerClass: 6,
        seed,
        width: 24,
        tasks: 8,
        classesPerTask: 4,
      })) {
        statistics.add(features, labels)
        const { strength } = await fitByEvidence(counting)
        searches += 1
        const lossAt = async (exponent: number) => {
          const { objective, logDeterminant, weights } = await statistics.fit(Number(`1e${exponent}`))
          weights.dispose()
          return (
            statistics.images * Math.log(objective / statistics.images) + logDeterminant - 120 * exponent * Math.LN10
          )
        }
        const chosen = Math.round(Math.log10(strength))
        const losses = await Promise.all([-2, -1, 1, 2].map((step) => lossAt(chosen + step)))
        // Of a few images the loss is nearly level over all small strengths.
        expect((await lossAt(chosen)) - Math.min(...losses)).toBeLessThan(statistics.images < 50 ? 4 : 0.01)
      }
    }
    expect(factorisations / searches).toBeLessThan(1.6)
  }, 120_000)

  it('is the ratio of noise to signal that the images were drawn with', async () => {
    // y = h·w + noise with unit inputs, w of variance 1 and noise of variance 100: the best strength is 100.
    const rng = createRng(7)
    const [images, width] = [400, 20]
    const inputs = tensor2d(rng.normals(images * width, 0, 1), [images, width])
    const statistics = ridgeStatistics({ map: identityMap(width), classes: 1 })
    statistics.add(
      inputs,
      Array.from({ length: images }, () => 0),
    )
    const weights = tensor2d(rng.normals(width, 0, 0.1), [width, 1])
    const targets = add<Tensor2D>(matMul(inputs, weights), tensor2d(rng.normals(images, 0, 1), [images, 1]))
    const squares = sum(square(targets)).dataSync()[0]!
    // Targets that are no one-hot rows, through the state: scaled so that ‖Y‖² is the number of images.
    const sums = matMul(inputs, mul<Tensor2D>(targets, Math.sqrt(images / squares)), true)
    statistics.restore({ ...statistics.variables(), classSums: sums }, { images })
    expect((await fitByEvidence(statistics)).strength).toBe(100)
  })

  it('comes with what the regression minimises, and the determinant', async () => {
    const features = tensor2d([1, 2, 3, 4, 5, 7], [3, 2])
    const statistics = ridgeStatistics({ map: identityMap(2), classes: 2 })
    statistics.add(features, [0, 1, 1])
    const { weights, objective, logDeterminant } = await statistics.fit(2)
    const targets = tensor2d([1, 0, 0, 1, 0, 1], [3, 2])
    const residual = sum(square(sub(targets, matMul(features, weights, false, true))))
    const expected = add(residual, mul(2, sum(square(weights)))).dataSync()[0]!
    expect(objective).toBeCloseTo(expected, 5)
    const gram = add(matMul(features, features, true), mul(2, eye(2))).dataSync()
    expect(logDeterminant).toBeCloseTo(Math.log(gram[0]! * gram[3]! - gram[1]! * gram[2]!), 4)
    expect(await statistics.meanEigenvalue()).toBeCloseTo((1 + 9 + 25 + 4 + 16 + 49) / 2, 4)
  })

  it('comes with slopes that agree with differences', async () => {
    const [images, width] = [60, 14]
    const rng = createRng(3)
    const statistics = ridgeStatistics({ map: identityMap(width), classes: 3 })
    statistics.add(
      tensor2d(rng.normals(images * width, 0, 1), [images, width]),
      Array.from({ length: images }, (_, i) => i % 3),
    )
    const [strength, step] = [20, 0.5]
    const [below, here, above] = [
      await statistics.fit(strength - step),
      await statistics.fit(strength),
      await statistics.fit(strength + step),
    ]
    const slopeOf = (key: 'objective' | 'logDeterminant' | 'squaredNorm' | 'inverseTrace') =>
      (above[key] - below[key]) / (2 * step)
    expect(here.squaredNorm / slopeOf('objective')).toBeCloseTo(1, 2)
    expect(here.squaredNormSlope / slopeOf('squaredNorm')).toBeCloseTo(1, 2)
    // Up to 64 outputs the probes are exact.
    expect(here.inverseTrace / slopeOf('logDeterminant')).toBeCloseTo(1, 2)
    expect(here.inverseSquareTrace / -slopeOf('inverseTrace')).toBeCloseTo(1, 2)
  })

  it('leaves only its weights behind, and needs to know of images', async () => {
    const statistics = ridgeStatistics({ map: identityMap(3), classes: 2 })
    await expect(fitByEvidence(statistics)).rejects.toThrow(/no images have been added/)
    // Equal images: the smallest strengths cannot be solved with.
    statistics.add(
      tensor2d(
        Array.from({ length: 30 }, (_, i) => (i % 6) + 1),
        [10, 3],
      ),
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
    )
    const before = memory().numTensors
    const { weights } = await fitByEvidence(statistics)
    expect(weights.dataSync().every(Number.isFinite)).toBe(true)
    weights.dispose()
    expect(memory().numTensors).toBe(before)
    const copy = ridgeStatistics({ map: identityMap(3), classes: 2 })
    copy.restore(statistics.variables(), statistics.json!())
    expect((await fitByEvidence(copy)).strength).toBe((await fitByEvidence(statistics)).strength)
    copy.restore(statistics.variables(), undefined)
    await expect(fitByEvidence(copy)).rejects.toThrow(/does not say how many images/)
    expect(copy.images).toBeNaN()
  })

  it('takes features without any spread as they are', async () => {
    const statistics = ridgeStatistics({ map: identityMap(2), classes: 1 })
    statistics.add(tensor2d([0, 0, 0, 0], [2, 2]), [0, 0])
    const { strength, weights } = await fitByEvidence(statistics)
    expect(strength).toBe(1)
    expect(Array.from(weights.dataSync())).toEqual([0, 0])
  })
})
