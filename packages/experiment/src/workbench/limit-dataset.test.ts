import { inMemoryDataset } from '@pilotjs/data'
import { expect, it } from 'vitest'
import { limitDataset } from './limit-dataset'

const split = (perClass: number) => ({
  pixels: Uint8Array.from({ length: 2 * perClass * 3 }, (_, i) => i % 256),
  height: 1,
  width: 1,
  labels: Array.from({ length: 2 * perClass }, (_, i) => i % 2),
  domains: Array.from({ length: 2 * perClass }, (_, i) => (i < perClass ? 0 : 1)),
})
const dataset = inMemoryDataset({
  name: 'toy',
  classNames: ['a', 'b'],
  domains: ['x', 'y'],
  train: split(10),
  test: split(3),
})

it('keeps so many images of each class, spread over all of them, under their own keys', () => {
  const { train, test } = limitDataset(dataset, { train: 4 })
  expect(train.length).toBe(8)
  expect([...train.labels]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  expect([...train.domains!]).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  expect(Array.from({ length: 8 }, (_, i) => train.key(i))).toEqual(
    [0, 1, 4, 5, 10, 11, 14, 15].map((i) => `toy/train/${i}`),
  )
  expect(train.read(2)).toEqual(dataset.train.read(4))
  expect(test).toBe(dataset.test)
})

it('takes all of a class that has fewer', () => {
  expect(limitDataset(dataset, { train: 50, test: 1 })).toMatchObject({ train: { length: 20 }, test: { length: 2 } })
})
