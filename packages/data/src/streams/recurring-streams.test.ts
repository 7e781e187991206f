import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain, toy } from '../__fixtures__/toy'
import type { LabeledImages } from '@pilotjs/core'
import { generalised } from './generalised'
import { online } from './online'
import type { Stream } from './stream'

const transforms = plain
const keysOf = (images: LabeledImages) => Array.from({ length: images.length }, (_, i) => images.key(i))
const allKeys = (count: number, split = 'train') => Array.from({ length: count }, (_, i) => `toy/${split}/${i}`).sort()

/** What holds of every stream whose classes may come back. */
function expectWhole(stream: Stream, classes: number, perClass: number): void {
  expect(stream.tasks.flatMap(({ train }) => keysOf(train)).sort()).toEqual(allKeys(classes * perClass))
  expect(keysOf(stream.seenTest(stream.tasks.length - 1)).sort()).toEqual(allKeys(classes * 2, 'test'))
  let known = 0
  stream.tasks.forEach((task, t) => {
    expect(task.classesBefore).toBe(known)
    known = Math.max(known, ...task.classes.map((label) => label + 1))
    expect(task.classesAfter).toBe(known)
    // Every class seen, each test image once.
    expect([...new Set(stream.seenTest(t).labels)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: known }, (_, c) => c),
    )
    expect(stream.seenTest(t).length).toBe(known * 2)
  })
  expect(stream.plan.totalClasses).toBe(classes)
}

describe('generalised', () => {
  it('brings every image once, some classes in one task, others blurred', () => {
    const cases = fc.record({
      classes: fc.integer({ min: 4, max: 12 }),
      tasks: fc.integer({ min: 1, max: 3 }),
      disjointShare: fc.constantFrom(0, 0.3, 0.5, 1),
      blurryShare: fc.constantFrom(0, 0.1, 0.5),
      stochastic: fc.boolean(),
      seed: fc.nat(1000),
    })
    fc.assert(
      fc.property(cases, ({ classes, ...options }) => {
        const disjoint = Math.round(classes * options.disjointShare)
        fc.pre(Math.max(disjoint, classes - disjoint) >= options.tasks)
        const stream = generalised(toy({ classes, perClass: 10 }), { ...options, transforms })
        expectWhole(stream, classes, 10)
        expect(stream.tasks).toHaveLength(options.tasks)
        const homes = Array.from(
          { length: classes },
          (_, label) => stream.tasks.filter((task) => task.classes.includes(label)).length,
        )
        const alone = homes.filter((count) => count === 1).length
        expect(alone).toBeGreaterThanOrEqual(Math.round(classes * options.disjointShare))
        if (options.blurryShare === 0) expect(alone).toBe(classes)
      }),
      { numRuns: 60 },
    )
  })

  it('mixes as much as it is told: even tasks give and get back the same share', () => {
    const dataset = toy({ classes: 10, perClass: 20 })
    const stream = generalised(dataset, { tasks: 5, disjointShare: 0, blurryShare: 0.1, stochastic: false, transforms })
    const plainOne = generalised(dataset, { tasks: 5, disjointShare: 0, blurryShare: 0, stochastic: false, transforms })
    expect(stream.tasks.map(({ train }) => train.length)).toEqual([40, 40, 40, 40, 40])
    const away = stream.tasks.map((task, t) => {
      const own = new Set(keysOf(plainOne.tasks[t]!.train))
      return keysOf(task.train).filter((key) => !own.has(key)).length
    })
    expect(Math.max(...away)).toBeLessThanOrEqual(4)
    expect(away.reduce((a, b) => a + b, 0)).toBeGreaterThan(5)
  })

  it('is drawn from the seed, and uneven where it is stochastic', () => {
    const of = (seed: number) =>
      generalised(toy({ classes: 12, perClass: 10 }), { seed, transforms }).tasks.map(({ train }) => keysOf(train))
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(new Set(of(1).map(({ length }) => length)).size).toBeGreaterThan(1)
  })

  it('names the option that does not fit', () => {
    expect(() => generalised(toy({ classes: 4 }), { tasks: 4, transforms })).toThrow('choose at most 2')
    expect(() => generalised(toy(), { tasks: 0, transforms })).toThrow(
      'tasks (number of tasks) must be an integer of at least 1',
    )
    expect(() => generalised(toy(), { blurryShare: 2, transforms })).toThrow('blurryShare')
  })
})

describe('online', () => {
  it('brings every image once, in small parts, session by session', () => {
    const cases = fc.record({
      classes: fc.integer({ min: 1, max: 8 }),
      increment: fc.integer({ min: 1, max: 8 }),
      batchSize: fc.integer({ min: 1, max: 7 }),
      evaluateEvery: fc.integer({ min: 1, max: 4 }),
      seed: fc.nat(1000),
    })
    fc.assert(
      fc.property(cases, ({ classes, increment, ...options }) => {
        fc.pre(increment <= classes)
        const stream = online(toy({ classes, perClass: 5 }), { ...options, increment, transforms })
        expectWhole(stream, classes, 5)
        expect(stream.sessions).toHaveLength(stream.tasks.length)
        expect([...stream.sessions].sort((a, b) => a - b)).toEqual(stream.sessions)
        const most = options.batchSize * options.evaluateEvery
        stream.tasks.forEach(({ train }, t) => {
          if (stream.sessions[t] === stream.sessions[t + 1]) expect(train.length).toBe(most)
          else expect(train.length).toBeLessThanOrEqual(most)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('shuffles within a session only, by the seed', () => {
    const of = (seed: number) =>
      online(toy({ classes: 4, perClass: 8 }), { increment: 2, seed, shuffle: false, transforms })
    const classesOf = ({ tasks, classNames, sessions }: ReturnType<typeof of>, session: number) =>
      new Set(
        tasks
          .filter((_, t) => sessions[t] === session)
          .flatMap(({ classes }) => classes.map((label) => classNames[label])),
      )
    expect(classesOf(of(1), 0)).toEqual(new Set(['class 0', 'class 1']))
    expect(classesOf(of(1), 1)).toEqual(new Set(['class 2', 'class 3']))
    const keys = (seed: number) => of(seed).tasks.flatMap(({ train }) => keysOf(train))
    expect(keys(1)).toEqual(keys(1))
    expect(keys(1)).not.toEqual(keys(2))
  })

  it('names the option that does not fit', () => {
    expect(() => online(toy(), { increment: 2, batchSize: 0, transforms })).toThrow('batchSize')
    expect(() => online(toy(), { increment: 2, evaluateEvery: 0.5, transforms })).toThrow('evaluateEvery')
  })
})
