import { describe, expect, it } from 'vitest'
import type { Task } from '../contracts/task'
import type { LabeledImages } from '../contracts/images'
import { points } from '../testing/points'
import { createContext } from './context'

const task = (index: number, train: LabeledImages): Task => ({
  index,
  train,
  classes: [index],
  classesBefore: index,
  classesAfter: index + 1,
})

describe('createContext', () => {
  it('gives a task the same random numbers, whatever came before', () => {
    const [first, second] = [createContext({ seed: 7 }), createContext({ seed: 7 })]
    first(task(0, points([0])))
    const [a, b] = [first(task(1, points([1], 'b'))), second(task(1, points([1], 'b')))]
    expect(a.rng.uniform()).toBe(b.rng.uniform())
    expect(createContext({ seed: 8 })(task(1, points([1]))).rng.uniform()).not.toBe(b.rng.fork('x').uniform())
  })

  it('recalls as it is told to, or says what is missing', () => {
    const images = points([0, 1], 'kept')
    const first = task(0, points([0]))
    expect(createContext({ seed: 1, recall: () => images })(first).recall(['kept:0'], [0])).toBe(images)
    expect(() => createContext({ seed: 1 })(first).recall(['a', 'b'], [0, 0])).toThrow(
      'this method rehearses, and asks for 2 earlier images: give createContext a `recall`',
    )
  })

  it('passes on what is reported, with its task', () => {
    const told: string[] = []
    const context = createContext({ seed: 1, onProgress: (event, { index }) => told.push(`${index} ${event.kind}`) })
    context(task(3, points([3]))).report({ kind: 'note', message: 'hello' })
    expect(told).toEqual(['3 note'])
  })
})
