import { createRng } from '@pilotjs/core/random'
import type { Rng } from '@pilotjs/core/random'
import { add, fill, memory, mul, slice, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { classGaussians } from './class-gaussians'
import { drawnFeatureBatches, gaussianSources } from './gaussian-batches'
import type { FeatureBatches, FeatureSource } from './gaussian-batches'

/** Features that tell class and position. */
const counting = (label: number): FeatureSource => ({
  label,
  draw: (count) =>
    add(fill([count, 1], 10 * label), tensor2d(Array.from({ length: count }, (_, i) => [i]))) as Tensor2D,
})

async function walk(batches: FeatureBatches, epoch: number) {
  const all: { features: number[]; labels: number[] }[] = []
  for await (const batch of batches.batches(epoch)) {
    all.push({ features: Array.from(batch.features.dataSync()), labels: Array.from(batch.labels.dataSync()) })
    batch.dispose()
  }
  return all
}

describe('drawnFeatureBatches', () => {
  it('shuffles what it drew, with its labels, the same for the same epoch', async () => {
    const before = memory().numTensors
    const batches = drawnFeatureBatches({ sources: [counting(0), counting(3)], samples: 4, rng: createRng(1) })
    expect(batches.stepsPerEpoch).toBe(2)
    const first = await walk(batches, 0)
    expect(first.map(({ features }) => features.length)).toEqual([4, 4])
    for (const { features, labels } of first)
      features.forEach((feature, i) => expect(Math.floor(feature / 10)).toBe(labels[i]))
    const all = first.flatMap(({ features }) => features)
    expect([...all].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 30, 31, 32, 33])
    expect(await walk(batches, 0)).toEqual(first)
    expect(await walk(batches, 1)).not.toEqual(first)
    expect(memory().numTensors).toBe(before)
  })

  it('takes other batch sizes and fewer steps', async () => {
    const options = { sources: [counting(0), counting(1)], samples: 3, rng: createRng(1) }
    const sizes = async (batches: FeatureBatches) => (await walk(batches, 0)).map(({ labels }) => labels.length)
    expect(await sizes(drawnFeatureBatches({ ...options, batchSize: 4 }))).toEqual([4, 2])
    expect(await sizes(drawnFeatureBatches({ ...options, batchSize: 2, steps: 2 }))).toEqual([2, 2])
    expect(() => drawnFeatureBatches({ ...options, sources: [] })).toThrow(/no class to draw/)
  })

  it('draws sources in turn and the order last, so that recorded numbers can be put in', async () => {
    const drawn: string[] = []
    const recording: Rng = {
      ...createRng(1),
      fork: (...names) => {
        drawn.push(names.join(' '))
        return recording
      },
      normals(length) {
        drawn.push(`${length} normals`)
        return new Float32Array(length).fill(1)
      },
      permutation(length) {
        drawn.push(`order of ${length}`)
        return Int32Array.from({ length }, (_, i) => length - 1 - i)
      },
    }
    const gaussians = classGaussians({ width: 2, covariance: 'diagonal', regularization: 1 })
    gaussians.learn(
      tensor2d([
        [1, 2],
        [5, 6],
      ]),
      [0, 1],
      [0, 1],
    )
    const sampler = await gaussians.sampler()
    const sources = gaussianSources(sampler, 2, (label) => mul(slice(gaussians.means, [label, 0], [1, 2]), 10))
    const [first] = await walk(drawnFeatureBatches({ sources, samples: 1, rng: recording }), 2)
    expect(drawn).toEqual(['epoch 2', '2 normals', '2 normals', 'order of 2'])
    expect(first).toEqual({ features: [51, 61], labels: [1] })
    sampler.dispose()
    gaussians.dispose()
  })
})
