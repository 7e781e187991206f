import { describe, expect, it } from 'vitest'
import type { Task } from '../contracts/task'
import type { LabeledImages } from '../contracts/images'
import { points } from '../testing/points'
import { createContext, recallFrom } from './context'

const task = (index: number, train: LabeledImages): Task => ({
  index,
  train,
  classes: [index],
  classesBefore: index,
  classesAfter: index + 1,
})
const keys = (images: LabeledImages) => Array.from({ length: images.length }, (_, i) => images.key(i))

describe('createContext', () => {
  it('gives a task the same random numbers, whatever came before', () => {
    const [first, second] = [createContext({ seed: 7 }), createContext({ seed: 7 })]
    first(task(0, points([0])))
    const [a, b] = [first(task(1, points([1], 'b'))), second(task(1, points([1], 'b')))]
    expect(a.rng.uniform()).toBe(b.rng.uniform())
    expect(createContext({ seed: 8 })(task(1, points([1]))).rng.uniform()).not.toBe(b.rng.fork('x').uniform())
  })

  it('recalls exemplars of earlier tasks, and of no other', () => {
    const context = createContext({ seed: 1 })
    context(task(0, points([0, 0, 0], 'a')))
    context(task(1, points([1, 1], 'b')))
    const { recall } = context(task(2, points([2], 'c')))
    const images = recall(['b:1', 'a:2'], [1, 0])
    expect(keys(images)).toEqual(['b:1', 'a:2'])
    expect(Array.from(images.labels)).toEqual([1, 0])
    expect(() => recall(['c:0'], [2])).toThrow("Exemplar 'c:0' is in none of the earlier tasks")
    expect(() => recall(['a:0'], [1])).toThrow("Exemplar 'a:0' has label 0 in the data, 1 in memory")
  })

  it('passes on what is reported, with its task', () => {
    const told: string[] = []
    const context = createContext({ seed: 1, onProgress: (event, { index }) => told.push(`${index} ${event.kind}`) })
    context(task(3, points([3]))).report({ kind: 'note', message: 'hello' })
    expect(told).toEqual(['3 note'])
  })
})

describe('recallFrom', () => {
  it('refuses a key that two samples have, and takes one sample that stands in two sets', () => {
    const train = points([0, 1])
    expect(keys(recallFrom([train, train.select([1])], ['point:1'], [1]))).toEqual(['point:1'])
    expect(() => recallFrom([points([0, 0]), points([1, 1])], ['point:1'], [1])).toThrow("The key 'point:1'")
    expect(() => recallFrom([points([0, 0]), points([0])], ['point:1'], [0])).not.toThrow()
  })

  it('says when there is nothing to recall from', () => {
    expect(() => recallFrom([], [], [])).toThrow('There is no earlier task')
  })
})
