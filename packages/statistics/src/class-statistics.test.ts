import { createRng } from '@pilotjs/core/random'
import { memory, tensor1d, tensor2d } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { deviation } from './__fixtures__/floats'
import { classGaussians } from './class-gaussians'
import { classCovariances, classMeans } from './class-moments'

const features = tensor2d([
  [1, 2],
  [3, 6],
  [0, 1],
  [5, 4],
  [2, 3],
])
const labels = [0, 0, 1, 1, 1]

describe('class moments', () => {
  it('are means and unbiased covariances', () => {
    expect(classMeans(features, labels, [1, 0]).arraySync()).toEqual([
      [expect.closeTo(7 / 3, 5), expect.closeTo(8 / 3, 5)],
      [2, 4],
    ])
    const [first] = classCovariances(features, labels, [0]).arraySync()
    expect(first).toEqual([
      [2, 4],
      [4, 8],
    ])
  })

  it('give a class of one image no spread', () => {
    expect(classCovariances(features, [0, 1, 1, 1, 1], [0]).arraySync()).toEqual([
      [
        [0, 0],
        [0, 0],
      ],
    ])
  })

  it('name a class without images, and labels that are too few', () => {
    expect(() => classMeans(features, labels, [0, 7])).toThrow(/no image of class 7/)
    expect(() => classCovariances(features, [0], [0])).toThrow(/1 labels for 5 rows/)
  })
})

describe('classGaussians', () => {
  it('draws with the mean and covariance it learned', async () => {
    const gaussians = classGaussians({ width: 2, regularization: 1 })
    gaussians.learn(features, labels, [0])
    gaussians.learn(features, labels, [1])
    expect(gaussians.classes).toBe(2)
    const sampler = await gaussians.sampler()
    const drawn = sampler.sample(0, 20_000, createRng(5))
    const all = Array.from({ length: 20_000 }, () => 0)
    expect(deviation(classMeans(drawn, all, [0]).dataSync(), [2, 4])).toBeLessThan(0.05)
    expect(deviation(classCovariances(drawn, all, [0]).dataSync(), [3, 4, 4, 9])).toBeLessThan(0.05)
    const again = sampler.sample(0, 20_000, createRng(5))
    expect(again.dataSync()).toEqual(drawn.dataSync())
  })

  it('draws from classes of fewer, larger features than float32 can invert', async () => {
    const [images, width] = [4, 60]
    const large = tensor2d(createRng(3).normals(images * width, 0, 3000), [images, width])
    const gaussians = classGaussians({ width })
    gaussians.learn(large, [0, 0, 0, 0], [0])
    const sampler = await gaussians.sampler()
    const drawn = sampler.sample(0, 4000, createRng(5))
    const spread = classCovariances(drawn, new Array<number>(4000).fill(0), [0])
    const wanted = gaussians.covariances
    const scale = Math.max(...wanted.dataSync())
    const apart = spread.dataSync().map((value, i) => (value - wanted.dataSync()[i]!) / scale)
    expect(Math.max(...apart.map(Math.abs))).toBeLessThan(0.1)
  })

  it('is mean + L ε, around another location if told so', async () => {
    const gaussians = classGaussians({ width: 2, regularization: 1 })
    gaussians.learn(features, labels, [0])
    const sampler = await gaussians.sampler()
    // [[3, 4], [4, 9]] = L Lᵀ
    const l = [Math.sqrt(3), 4 / Math.sqrt(3), Math.sqrt(9 - 16 / 3)] as const
    const moved = sampler.transform(0, tensor2d([[1, -1]]), tensor1d([10, 20]))
    expect(deviation(moved.dataSync(), [10 + l[0], 20 + l[1] - l[2]])).toBeLessThan(1e-6)
    const diagonal = classGaussians({ width: 2, covariance: 'diagonal', regularization: 1 })
    diagonal.learn(features, labels, [0])
    expect(diagonal.covariances.arraySync()).toEqual([[3, 9]])
    const plain = (await diagonal.sampler()).transform(0, tensor2d([[1, -1]]))
    expect(deviation(plain.dataSync(), [2 + l[0], 4 - 3])).toBeLessThan(1e-6)
  })

  it('comes back from its state, and leaves no tensor behind', async () => {
    const before = memory().numTensors
    const gaussians = classGaussians({ width: 2 })
    gaussians.learn(features, labels, [0, 1])
    const copy = classGaussians({ width: 2 })
    expect(Object.keys(gaussians.variables())).toEqual(['means', 'covariances'])
    copy.restore(gaussians.variables(), undefined)
    gaussians.dispose()
    expect(copy.classes).toBe(2)
    const sampler = await copy.sampler()
    sampler.sample(1, 3, createRng(1)).dispose()
    sampler.dispose()
    copy.dispose()
    expect(memory().numTensors).toBe(before)
  })

  it('refuses classes out of order, and sampling what it never saw', async () => {
    const gaussians = classGaussians({ width: 2 })
    await expect(gaussians.sampler()).rejects.toThrow(/no class has been learned/)
    expect(() => gaussians.learn(features, labels, [1])).toThrow(/class 1 comes where class 0 is due/)
    gaussians.learn(features, labels, [0])
    const sampler = await gaussians.sampler()
    expect(() => sampler.sample(1, 1, createRng(0))).toThrow(/class 1 is none of the 1/)
  })
})
