import { describe, expect, it } from 'vitest'
import { cellsOf, countRuns } from './expand-sweep'
import { parseSweep } from './sweep-settings'

const cells = (written: unknown) =>
  [...cellsOf(parseSweep(written, 'sweep.yaml'))].map(({ target, settings, differs }) => ({
    target,
    differs,
    options: settings.options,
    seeds: settings.seeds,
    increment: settings.increment,
  }))

describe('a grid', () => {
  it('goes through every value of every setting; an option of one method multiplies that one alone', () => {
    const written = {
      methods: ['simplecil', 'l2p'],
      seeds: [1, 2, 3],
      increment: [5, 10],
      options: { 'l2p.poolSize': [10, 20] },
    }
    expect(cells(written).map(({ target, differs }) => [target, ...differs].join(' '))).toEqual([
      'simplecil increment=5',
      'simplecil increment=10',
      'l2p increment=5 poolSize=10',
      'l2p increment=5 poolSize=20',
      'l2p increment=10 poolSize=10',
      'l2p increment=10 poolSize=20',
    ])
    expect(countRuns(parseSweep(written, ''))).toBe(18)
  })

  it('takes single values without brackets, lists as values with one pair more, and reaches into options', () => {
    const written = {
      methods: 'icarl',
      options: { epochs: 3, 'icarl.epochs': 4, 'icarl.memory.total': [100, 200], milestones: [[1, 2]] },
    }
    expect(cells(written).map(({ options }) => options)).toEqual([
      { epochs: 4, memory: { total: 100 }, milestones: [1, 2] },
      { epochs: 4, memory: { total: 200 }, milestones: [1, 2] },
    ])
  })

  it('is a list where there are runs, which share what stands outside', () => {
    const written = {
      seeds: [1, 2],
      increment: 10,
      options: { epochs: 1 },
      runs: [
        { methods: 'l2p', options: { poolSize: 5 } },
        { methods: 'ease', increment: [2, 4], seeds: 9 },
      ],
    }
    expect(cells(written)).toMatchObject([
      { target: 'l2p', seeds: [1, 2], increment: 10, options: { epochs: 1, poolSize: 5 } },
      { target: 'ease', seeds: [9], increment: 2, options: { epochs: 1 } },
      { target: 'ease', seeds: [9], increment: 4 },
    ])
    expect(countRuns(parseSweep(written, ''))).toBe(4)
  })
})

it('counts a grid of billions without making it', () => {
  const many = Array.from({ length: 1000 }, (_, i) => i + 1)
  const written = { methods: 'l2p', seeds: many, increment: many, options: { a: many } }
  expect(countRuns(parseSweep(written, ''))).toBe(1e9)
})

it.each([
  [{ metods: 'l2p' }, 'there is no "metods"; did you mean "methods"?'],
  [{ methods: 'l2p', runs: [{ seed: 1 }] }, 'runs.0: there is no "seed"; did you mean "seeds"?'],
  [{ methods: [] }, 'methods: a list needs a value'],
  [{ methods: 'l2p', seeds: [-1] }, 'seeds.0:'],
  [{ methods: 'l2p', options: { 'a..b': 1 } }, 'is no name of an option'],
  [{ seeds: 1 }, 'methods says which methods to run'],
  ['text', 'sweep.yaml is no sweep'],
])('refuses %j', (written, message) => {
  expect(() => parseSweep(written, 'sweep.yaml')).toThrow(message)
})
