import { expect, it } from 'vitest'
import type { Measure } from '../metrics/index'
import { measures } from '../metrics/index'
import type { TaskRecord } from './record'
import { summarize } from './summary'

const record = (task: number, byTask: (number | null)[]): TaskRecord => {
  const seen = byTask.filter((value) => value !== null)
  const top1 = seen.reduce((sum, value) => sum + value, 0) / seen.length
  return {
    task,
    classes: [2 * task, 2 * task + 1],
    classesBefore: 2 * task,
    classesAfter: 2 * task + 2,
    trainImages: 8,
    testImages: 4,
    trainableParameters: 10,
    phases: [],
    accuracy: top1,
    readings: { head: { top1, topK: { k: 2, accuracy: 100 }, byTask } },
  }
}
const records = [record(0, [90, null, null]), record(1, [70, 80, null])]

it('holds every measure of the house, of every reading', () => {
  const { readings, ...summary } = summarize(records)
  expect(summary).toMatchObject({ tasks: 2, classes: 4, averageIncrementalAccuracy: 82.5, forgetting: 20 })
  expect(Object.keys(summary)).toEqual(expect.arrayContaining(measures.map(({ name }) => name)))
  expect(readings.head).toMatchObject({
    accuracyMatrix: [
      [90, null],
      [70, 80],
    ],
    learningAccuracy: 85,
  })
  expect(() => summarize([])).toThrow('no task was learned yet')
})

it('takes measures of your own', () => {
  const worst = {
    name: 'worstTask',
    title: 'Worst task',
    short: 'Worst',
    unit: '%',
    source: 'here',
    better: 'higher',
    shown: 'files',
    compute: ({ accuracyMatrix }) => Math.min(...accuracyMatrix.at(-1)!.map((value) => value ?? Infinity)),
    format: String,
  } as const satisfies Measure
  const { worstTask, forgetting } = summarize(records, [...measures, worst])
  expect([worstTask, forgetting]).toEqual([70, 20])
})
