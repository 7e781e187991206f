import { argMax, tensor2d, zeros } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { floats, readGolden } from './__fixtures__/golden'
import { nearestMeanScores } from './nearest-mean'

describe('nearestMeanScores', () => {
  it.each(['icarl-task0', 'icarl-task1', 'der-task1'])('are PILOT’s squared distances, negated: %s', (name) => {
    const golden = readGolden(name)
    const shape = (values: Float32Array): [number, number] => [values.length / golden.width, golden.width]
    const features = floats(golden.testFeatures)
    const means = floats(golden.classMeans)
    const scores = nearestMeanScores(tensor2d(features, shape(features)), tensor2d(means, shape(means)))
    const distances = floats(golden.nearestMeanDistances)
    scores.dataSync().forEach((score, i) => expect(Math.abs(score + distances[i]!)).toBeLessThan(2e-6))
    expect([...argMax(scores, 1).dataSync()]).toEqual(golden.nearestMean)
  })

  it('names both widths where they differ', () => {
    expect(() => nearestMeanScores(zeros([2, 3]), zeros([4, 5]))).toThrow(/3 wide, but the class means 5/)
  })
})
