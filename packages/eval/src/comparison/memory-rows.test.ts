import { expect, it } from 'vitest'
import { learnerMemory } from '../metrics/index'
import { memoryAreas, memoryRows } from './memory-rows'
import { tensor1d } from '@tensorflow/tfjs-core'

const MB = 2 ** 20

it('counts the backbone where the learner has not weights of its own for all of it', () => {
  const backbone = { parameters: { 'blocks.0.w': tensor1d([1, 2, 3]), 'norm.b': tensor1d([1]) } }
  const whole = { 'net.blocks.0.w': tensor1d([1, 2, 3]), 'net.norm.b': tensor1d([1]), 'head.w': tensor1d([1, 2]) }
  const json = { memory: { exemplars: [['a'], ['b', 'c']] } }
  expect(learnerMemory({ tensors: whole, json }, backbone)).toEqual({ parameters: 6, exemplars: 3 })
  const adapter = { 'net.blocks.0.w': tensor1d([1, 2, 3]) }
  expect(learnerMemory({ tensors: adapter, json: {} }, backbone)).toEqual({ parameters: 7, exemplars: 0 })
})

it('brings all to one budget, and takes the area under what a method reaches at several', () => {
  const row = (name: string, method: string, model: number, exemplars: number, accuracy: number) => ({
    ...{ name, method, averageIncrementalAccuracy: accuracy, lastAccuracy: accuracy - 10 },
    memory: { parameters: (model * MB) / 4, exemplars },
  })
  const given = [
    row('icarl, 64', 'icarl', 1, 64, 50),
    row('icarl, 192', 'icarl', 1, 192, 70),
    // As much memory, and worse.
    row('icarl, 192, again', 'icarl', 1, 192, 60),
    row('der', 'der', 3, 64, 80),
  ]
  const rows = memoryRows(given, MB / 64)
  expect(
    rows.map(({ modelMegabytes, exemplarMegabytes, megabytes }) => [modelMegabytes, exemplarMegabytes, megabytes]),
  ).toEqual([
    [1, 1, 2],
    [1, 3, 4],
    [1, 3, 4],
    [3, 1, 4],
  ])
  expect(rows.map((each) => each.alignedExemplars)).toEqual([192, 192, 192, 64])
  // Two megabytes with 60 % in the mean, and 50 % of the last accuracy.
  const area = { method: 'icarl', budgets: 2, from: 2, to: 4, average: 1.2, last: 1 }
  expect(memoryAreas(rows)).toEqual([
    { ...area, average: expect.closeTo(1.2, 12) as number, last: expect.closeTo(1, 12) as number },
  ])
})
