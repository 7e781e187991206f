import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { createRng } from '../random/rng'
import { numbers, sample } from '../testing/finite-differences'
import { taskHeads } from './task-heads'

const make = (seed = 3) => taskHeads({ width: 3, rng: createRng(seed) })
const features = () => sample([4, 3], 8) as Tensor2D

it('scores all tasks’ classes, and what one task learns leaves the others’ scores alone', () => {
  const before = tf.memory().numTensors
  const heads = make()
  tf.tidy(() => {
    const images = features()
    heads.add(2)
    const first = numbers(heads.apply(images))
    const second = heads.add(3)
    expect(heads.sizes).toEqual([2, 3])
    second.setRows([0, 1, 2], tf.ones([3, 3]))
    const all = heads.apply(images)
    expect(all.shape).toEqual([4, 5])
    expect(numbers(tf.slice(all, [0, 0], [-1, 2]))).toEqual(first)
    expect(numbers(tf.slice(all, [0, 2], [-1, 1]))).toEqual(numbers(tf.sum(images, 1)))
  })
  heads.dispose()
  expect(tf.memory().numTensors).toBe(before)
})

it('draws every head anew, and the same for the same seed', () => {
  const [one, same] = [make(), make()]
  for (const heads of [one, same]) [2, 2].forEach((classes) => heads.add(classes))
  const [a, b] = one.items.map((head) => Array.from(head.variables().weight!.dataSync()))
  expect(a).not.toEqual(b)
  tf.tidy(() => void expect(numbers(one.apply(features()))).toEqual(numbers(same.apply(features()))))
  one.dispose()
  same.dispose()
})

it('copies others, of which there may be more or fewer, and comes back from a saved state', () => {
  const [one, copy, restored] = [make(), make(9), make(10)]
  one.add(2)
  one.add(1)
  copy.add(4)
  copy.copyFrom(one)
  restored.restore(one.variables(), one.json!())
  tf.tidy(() => {
    const scores = numbers(one.apply(features()))
    expect(numbers(copy.apply(features()))).toEqual(scores)
    expect(numbers(restored.apply(features()))).toEqual(scores)
  })
  expect(restored.sizes).toEqual([2, 1])
  copy.clear()
  expect(copy.sizes).toEqual([])
  for (const heads of [one, copy, restored]) heads.dispose()
})
