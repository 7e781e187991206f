import type { FeatureExtractor } from '@pilotjs/core'
import { memory as tensorMemory, tensor2d, tidy } from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floats, readGolden } from './__fixtures__/golden'
import { rowOf, toyContext, toyTask } from './__fixtures__/toy-stream'
import { exemplarMemory } from './exemplar-memory'
import { nearestMeanScores } from './nearest-mean'
import { budgetOf } from './options'

const extractorOf = (width: number) => ({ width }) as FeatureExtractor
const rowsIn = (memory: ReturnType<typeof exemplarMemory>, context: ReturnType<typeof toyContext>) => {
  const images = memory.images(context)!
  return { index: Array.from({ length: images.length }, (_, i) => rowOf(images.key(i))), label: [...images.labels] }
}

/** `classes` classes of `each` samples, features of a small generator. */
function toyData(classes: number, each: number, width: number) {
  let state = 7
  const features = Float32Array.from(
    { length: classes * each * width },
    () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.3,
  )
  return { features, labels: Array.from({ length: classes * each }, (_, i) => Math.floor(i / each)) }
}

describe('exemplarMemory', () => {
  it('holds what PILOT’s memory held, task after task, with the same class means', async () => {
    const memory = exemplarMemory({ total: 24 })
    for (const [index, name] of ['icarl-task0', 'icarl-task1'].entries()) {
      const golden = readGolden(name)
      const context = toyContext(floats(golden.features), golden.width, golden.labels)
      if (golden.memoryBefore) expect(rowsIn(memory, context)).toEqual(golden.memoryBefore)
      await memory.update(toyTask(index, golden.labels, 4 * index, 4 * index + 4), extractorOf(golden.width), context)
      expect(rowsIn(memory, context)).toEqual(golden.memory)
      const expected = floats(golden.classMeans)
      const means = memory.means!.dataSync()
      expect(means.length).toBe(expected.length)
      means.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6))
    }
  })

  it('follows features that grow wider (DER)', async () => {
    const golden = readGolden('der-task1')
    const context = toyContext(floats(golden.features), golden.width, golden.labels)
    const memory = exemplarMemory({ total: 24 })
    const before = golden.memoryBefore!
    const keys = [0, 1, 2, 3].map((c) =>
      before.index.filter((_, i) => before.label[i] === c).map((row) => `sample-${row}`),
    )
    memory.restore({}, { exemplars: keys })
    await memory.update(toyTask(1, golden.labels, 4, 8), extractorOf(golden.width), context)
    expect(rowsIn(memory, context)).toEqual(golden.memory)
    const expected = floats(golden.classMeans)
    memory.means!.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6))
  })

  it('never holds more than its budget, and every class alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        async (increments, size, fixed) => {
          const total = increments.reduce((sum, increment) => sum + increment, 0)
          const { features, labels } = toyData(total, 6, 3)
          const context = toyContext(features, 3, labels)
          const memory = exemplarMemory(fixed ? { perClass: size } : { total: size * total })
          let seen = 0
          let earlier: number[] = []
          for (const [index, increment] of increments.entries()) {
            const task = toyTask(index, labels, seen, seen + increment)
            await memory.update(task, extractorOf(3), context)
            seen += increment
            const share = Math.min(6, fixed ? size : Math.floor((size * total) / seen))
            const { index: rows, label } = rowsIn(memory, context)
            expect(memory.size).toBe(share * seen)
            expect(memory.classes).toBe(seen)
            expect(label).toEqual(Array.from({ length: seen * share }, (_, i) => Math.floor(i / share)))
            const old = rows.filter((row) => labels[row]! < seen - increment)
            expect(old.every((row) => earlier.includes(row))).toBe(true)
            earlier = rows
          }
          memory.dispose()
        },
      ),
      { numRuns: 25 },
    )
  })

  it('herds a class that comes again from exemplars and new images together', async () => {
    const { features, labels } = toyData(2, 10, 4)
    const context = toyContext(features, 4, labels)
    const memory = exemplarMemory({ perClass: 3 })
    const whole = toyTask(0, labels, 0, 2)
    const half = (from: number) => ({
      ...whole,
      train: whole.train.select(Array.from({ length: 20 }, (_, i) => i).filter((i) => i % 2 === from)),
    })
    await memory.update(half(0), extractorOf(4), context)
    const first = rowsIn(memory, context).index
    await memory.update({ ...half(1), index: 1, classesBefore: 2 }, extractorOf(4), context)
    const second = rowsIn(memory, context)
    expect(second.label).toEqual([0, 0, 0, 1, 1, 1])
    expect(second.index.every((row) => row % 2 === 1 || first.includes(row))).toBe(true)
    expect(second.index).not.toEqual(first)
  })

  it('puts a task’s images before the exemplars', async () => {
    const { features, labels } = toyData(3, 5, 2)
    const context = toyContext(features, 2, labels)
    const memory = exemplarMemory({ perClass: 2 })
    const next = toyTask(1, labels, 2, 3)
    expect(memory.rehearse(next.train, context)).toBe(next.train)
    await memory.update(toyTask(0, labels, 0, 2), extractorOf(2), context)
    expect([...memory.rehearse(next.train, context).labels]).toEqual([2, 2, 2, 2, 2, 0, 0, 1, 1])
  })

  it('scores by its class means, which nothing trains', async () => {
    const { features, labels } = toyData(3, 5, 2)
    const context = toyContext(features, 2, labels)
    const memory = exemplarMemory({ perClass: 2 })
    const queries = tensor2d(features.slice(0, 8), [4, 2])
    expect(() => memory.nearestMean(queries)).toThrow(/no variable 'means' yet/)
    await memory.update(toyTask(0, labels, 0, 2), extractorOf(2), context)
    await memory.update(toyTask(1, labels, 2, 3), extractorOf(2), context)
    tidy(() => {
      const scores = memory.nearestMean(queries)
      expect(scores.shape).toEqual([4, 3])
      expect(scores.arraySync()).toEqual(nearestMeanScores(queries, memory.means!).arraySync())
    })
    expect(Object.keys(memory.variables())).toEqual(['means'])
    expect(memory.trainable!()).toEqual({})
    queries.dispose()
    memory.dispose()
  })

  it('comes back from its state, and leaves no tensor behind', async () => {
    const { features, labels } = toyData(2, 5, 3)
    const context = toyContext(features, 3, labels)
    const start = tensorMemory().numTensors
    const memory = exemplarMemory({ total: 5 })
    await memory.update(toyTask(0, labels, 0, 2), extractorOf(3), context)
    const copy = exemplarMemory({ total: 5 })
    copy.restore(memory.variables(), JSON.parse(JSON.stringify(memory.json!())))
    expect(rowsIn(copy, context)).toEqual(rowsIn(memory, context))
    expect([...copy.means!.dataSync()]).toEqual([...memory.variables().means!.dataSync()])
    memory.dispose()
    expect(copy.means!.dataSync()).toHaveLength(6)
    copy.dispose()
    expect(tensorMemory().numTensors).toBe(start)
  })

  it('says what is wrong with a budget, a class without images, a damaged state', async () => {
    const { features, labels } = toyData(3, 2, 2)
    const context = toyContext(features, 2, labels)
    const task = toyTask(0, labels, 0, 3)
    await expect(exemplarMemory({ total: 2 }).update(task, extractorOf(2), context)).rejects.toThrow(/raise memorySize/)
    await expect(exemplarMemory({ perClass: 0 }).update(task, extractorOf(2), context)).rejects.toThrow(
      /memoryPerClass/,
    )
    // Where the end is known, before anything is learned.
    const asked = { memorySize: 3, memoryPerClass: 20, fixedMemory: false }
    expect(() => budgetOf(asked, { totalClasses: 4 })).toThrow(expect.objectContaining({ code: 'memory-too-small' }))
    expect(budgetOf(asked)).toEqual({ total: 3 })
    expect(budgetOf({ ...asked, fixedMemory: true }, { totalClasses: 4 })).toEqual({ perClass: 20 })
    const empty = { ...task, train: task.train.select([0, 1, 4]) }
    await expect(exemplarMemory({ perClass: 1 }).update(empty, extractorOf(2), context)).rejects.toThrow(
      /class 1 has no/,
    )
    expect(() => exemplarMemory({ total: 2 }).restore({}, { exemplars: [[3]] })).toThrow(/damaged/)
  })
})
