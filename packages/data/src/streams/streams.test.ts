import { numpyPermutation } from '@pilotjs/core/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain, toy } from '../__fixtures__/toy'
import { classIncremental, taskSizes } from './class-incremental'
import { domainIncremental } from './domain-incremental'
import { defineStream } from './stream'
import { taskIncremental } from './task-incremental'

const transforms = plain

describe('taskSizes', () => {
  it('makes a base, increments, and a last task of the rest', () => {
    expect(taskSizes(100, 10, 10)).toEqual(Array.from({ length: 10 }, () => 10))
    expect(taskSizes(100, 50, 30)).toEqual([50, 30, 20])
    expect(taskSizes(100, 0, 40)).toEqual([40, 40, 20])
    expect(taskSizes(10, 10, 5)).toEqual([10])
    // As PILOT: an increment larger than what is left takes what is left.
    expect(taskSizes(6, 5, 2)).toEqual([5, 1])
    expect(taskSizes(6, 0, 4)).toEqual([4, 2])
    expect(taskSizes(10, 6, 100)).toEqual([6, 4])
  })

  it.each([
    [10, 11, 1, /Not enough classes: baseClasses is 11, but there are only 10/],
    [10, 0, 20, /Not enough classes: increment is 20/],
    [10, 5, 0, /increment .* must be an integer of at least 1/],
    [10, 2.5, 1, /baseClasses .* must be an integer/],
  ])('refuses %i classes as B%d-Inc%i', (classes, base, increment, message) => {
    expect(() => taskSizes(classes, base, increment)).toThrow(message)
  })
})

describe('classIncremental', () => {
  it('partitions classes and images, whatever the sizes', () => {
    const cases = fc
      .record({ classes: fc.integer({ min: 1, max: 12 }), seed: fc.nat(5000) })
      .chain((c) => fc.record({ ...mapConstants(c), base: fc.integer({ min: 1, max: c.classes }) }))
      .chain((c) => fc.record({ ...mapConstants(c), increment: fc.integer({ min: 1, max: 15 }) }))
    fc.assert(
      fc.property(cases, ({ classes, seed, base, increment }) => {
        const dataset = toy({ classes, perClass: 2 })
        const stream = classIncremental(dataset, { baseClasses: base, increment, seed, transforms })
        expect(stream.tasks.flatMap((task) => task.classes)).toEqual(Array.from({ length: classes }, (_, c) => c))
        const keys = stream.tasks.flatMap(({ train }) => Array.from({ length: train.length }, (_, i) => train.key(i)))
        expect(keys.sort()).toEqual(Array.from({ length: classes * 2 }, (_, i) => `toy/train/${i}`).sort())
        stream.tasks.forEach((task, t) => {
          expect(new Set(task.train.labels)).toEqual(new Set(task.classes))
          expect(new Set(stream.seenTest(t).labels).size).toBe(task.classesAfter)
          expect(task.classesAfter - task.classesBefore).toBe(task.classes.length)
        })
      }),
      { numRuns: 50 },
    )
  })

  it("orders classes as PILOT does and keeps each class's images together", () => {
    const dataset = toy({ classes: 6, perClass: 3 })
    const stream = classIncremental(dataset, { increment: 2, seed: 1993, transforms })
    const order = Array.from(numpyPermutation(1993, 6))
    expect(stream.classNames).toEqual(order.map((raw) => `class ${raw}`))
    const first = stream.tasks[0]!.train
    expect([...first.labels]).toEqual([0, 0, 0, 1, 1, 1])
    expect([0, 1, 2].map((i) => first.key(i))).toEqual([0, 6, 12].map((i) => `toy/train/${i + order[0]!}`))
    expect(stream.plan).toEqual({ totalClasses: 6, baseClasses: 2, increment: 2 })
  })

  it("takes the dataset's order or one of the caller's", () => {
    const dataset = toy({ classes: 4 })
    expect(classIncremental(dataset, { increment: 2, shuffle: false, transforms }).classNames[3]).toBe('class 3')
    const stream = classIncremental(dataset, { increment: 1, classOrder: [3, 1], transforms })
    expect(stream.classNames).toEqual(['class 3', 'class 1'])
    expect(stream.tasks).toHaveLength(2)
    expect(() => classIncremental(dataset, { increment: 1, classOrder: [3, 3], transforms })).toThrow(
      'class 3 stands twice',
    )
    expect(() => classIncremental(dataset, { increment: 1, classOrder: [4], transforms })).toThrow('4 is no class')
  })

  it('names a class without images', () => {
    const dataset = toy({ classes: 3 })
    const hollow = { ...dataset, classNames: [...dataset.classNames, 'empty'] }
    expect(() => classIncremental(hollow, { increment: 2, transforms })).toThrow("class 'empty' has no train images")
  })

  it('recalls training images by key and refuses keys it does not know', () => {
    const stream = classIncremental(toy(), { increment: 2, transforms })
    const keys = [5, 1].map((i) => stream.tasks[1]!.train.key(i))
    const recalled = stream.recall(keys, [2, 2])
    expect([recalled.key(0), recalled.key(1), ...recalled.labels]).toEqual([...keys, 2, 2])
    expect(() => stream.recall(['toy/test/0'], [0])).toThrow("no training image 'toy/test/0'")
  })

  it('refuses a task that is not there', () => {
    const stream = classIncremental(toy(), { increment: 2, transforms })
    expect(() => stream.test(3)).toThrow('no task 3: the stream has 3')
    expect(() => stream.seenTest(-1)).toThrow('no task -1')
  })
})

describe('taskIncremental', () => {
  it('has the tasks of the class-incremental stream and says what it is', () => {
    const options = { increment: 2, seed: 5, transforms }
    const [tasks, classes] = [taskIncremental(toy(), options), classIncremental(toy(), options)]
    expect(tasks.scenario).toBe('task-incremental')
    expect(tasks.tasks.map((task) => task.classes)).toEqual(classes.tasks.map((task) => task.classes))
  })
})

describe('domainIncremental', () => {
  it('repeats the classes from domain to domain', () => {
    const stream = domainIncremental(toy({ classes: 3, perClass: 4, domains: 2 }), { transforms })
    expect(
      stream.tasks.map(({ classes, classesBefore, classesAfter }) => [classes, classesBefore, classesAfter]),
    ).toEqual([
      [[0, 1, 2], 0, 3],
      [[0, 1, 2], 3, 3],
    ])
    expect(stream.plan).toEqual({ totalClasses: 3, baseClasses: 3, increment: 0 })
    expect(stream.test(1).key(0)).toBe('toy/test/3')
    expect(stream.seenTest(1)).toHaveLength(6)
  })

  it('takes domains in the order asked for', () => {
    const dataset = toy({ classes: 3, domains: 2 })
    const stream = domainIncremental(dataset, { domains: ['domain 1'], transforms })
    expect(stream.tasks).toHaveLength(1)
    expect(() => domainIncremental(dataset, { domains: ['sketch'], transforms })).toThrow(
      "no domain 'sketch'; it has domain 0, domain 1",
    )
  })

  it('asks for domains, and for images in each', () => {
    const dataset = toy({ domains: 2 })
    expect(() =>
      domainIncremental(
        {
          ...dataset,
          domains: undefined,
          train: { ...dataset.train, domains: undefined },
          test: { ...dataset.test, domains: undefined },
        },
        { transforms },
      ),
    ).toThrow("doesn't tell")
    expect(() => domainIncremental({ ...dataset, domains: ['domain 0', 'domain 1', 'moon'] }, { transforms })).toThrow(
      "domain 'moon' has no training images",
    )
  })

  it('gives labels to classes that only a later domain has', () => {
    const dataset = toy({ classes: 3, perClass: 2, domains: 2 })
    // Class 0 is missing from domain 0: its images move to domain 1.
    const moved = (source: typeof dataset.train) => ({
      ...source,
      domains: source.domains!.map((domain, i) => (source.labels[i] === 0 ? 1 : domain)),
    })
    const stream = domainIncremental(
      { ...dataset, train: moved(dataset.train), test: moved(dataset.test) },
      { transforms },
    )
    expect(stream.classNames).toEqual(['class 1', 'class 2', 'class 0'])
    expect(stream.tasks[1]).toMatchObject({ classes: [0, 1, 2], classesBefore: 2, classesAfter: 3 })
  })
})

describe('defineStream', () => {
  it('refuses labels that skip and tasks without images', () => {
    const dataset = toy({ classes: 3, perClass: 1 })
    const define = (tasks: { train: number[]; test: number[] }[]) =>
      defineStream({ dataset, scenario: 'class-incremental', classOrder: [0, 1, 2], transforms, tasks })
    expect(() => define([{ train: [0, 2], test: [0] }])).toThrow('must continue at 0 without a gap')
    expect(() => define([{ train: [], test: [0] }])).toThrow('task 0, training has no images')
    expect(() => define([{ train: [0, 1], test: [0] }])).toThrow('the tasks bring 2 classes, the class order has 3')
    expect(() => define([{ train: [99], test: [0] }])).toThrow('image 99 is of no class')
  })
})

function mapConstants<T extends Record<string, number>>(values: T): { [K in keyof T]: fc.Arbitrary<number> } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<number>
  }
}
