import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { patternImages, patternTask, tinyBackbone } from './patterns'

describe('patterns', () => {
  it('tell classes apart in the features of the tiny backbone', async () => {
    const backbone = tinyBackbone()
    const { train } = patternTask(0, [0, 1, 2])
    for await (const batch of train.batches({ size: train.length, view: 'eval' })) {
      const features = tf.tidy(() => backbone.features(batch.images))
      const rows = features.arraySync()
      const distances = { own: [] as number[], other: [] as number[] }
      rows.forEach((row, a) =>
        rows.slice(0, a).forEach((before, b) => {
          const kind = train.labels[a] === train.labels[b] ? 'own' : 'other'
          distances[kind].push(Math.hypot(...row.map((value, i) => value - before[i]!)))
        }),
      )
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      expect(mean(distances.own)).toBeLessThan(0.8 * mean(distances.other))
      features.dispose()
      batch.dispose()
    }
    backbone.dispose()
  })

  it('are other images under another name, with other keys', async () => {
    const values: Float32Array[] = []
    for (const name of ['a', 'b', 'a'])
      for await (const batch of patternImages([4], name).batches({ size: 1, view: 'eval' })) {
        values.push((await batch.images.data()) as Float32Array)
        batch.dispose()
      }
    expect(values[2]).toEqual(values[0])
    expect(values[1]).not.toEqual(values[0])
    expect(patternImages([4], 'a').key(0)).not.toBe(patternImages([4], 'b').key(0))
  })

  it('make tasks of ten images a class that continue the count', () => {
    const task = patternTask(1, [2, 3])
    expect(task).toMatchObject({ index: 1, classes: [2, 3], classesBefore: 2, classesAfter: 4 })
    expect([2, 3].map((label) => task.train.labels.filter((own) => own === label).length)).toEqual([10, 10])
    expect(patternTask(1, [0, 1], 2)).toMatchObject({ classesBefore: 2, classesAfter: 2 })
  })
})
