import { describe, expect, it } from 'vitest'
import { measures } from '../metrics/index'
import type { Summary } from '../protocol/summary'
import type { ComparedRun } from './compare-runs'
import { compareRuns, isContest } from './compare-runs'
import { exportTable } from './export-table'
import { settingNames } from './setting-names'
import { spread, spreadText } from './spread'

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const run = (method: string, seed: number, average: number, more: object = {}): ComparedRun => ({
  name: `${method}, seed ${seed}`,
  config: { method, seed, ...more },
  complete: true,
  seconds: 10,
  summary: {
    averageIncrementalAccuracy: average,
    lastAccuracy: average - 10,
    forgetting: 1,
    backwardTransfer: -1,
    learningAccuracy: average + 5,
    forwardTransfer: null,
    trainableParameters: 5,
    readings: {},
  } as unknown as Summary,
})

it('is the mean and the sample standard deviation; of one value the value', () => {
  const { mean, deviation } = spread([2, 4, 4, 4, 5, 5, 7, 9])
  expect(mean).toBe(5)
  expect(deviation).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(spread([3])).toEqual({ mean: 3, count: 1 })
  expect([spreadText(spread([1, 2])), spreadText(spread([-0.001]))]).toEqual(['1.50 ± 0.71', '0.00'])
  expect(() => spread([])).toThrow('no value')
})

describe('compareRuns', () => {
  it('puts seeds of one setting together, the highest mean first', () => {
    const compared = compareRuns([
      run('a', 1, 60),
      run('b', 1, 80, { provenance: { started: 'now' } }),
      run('a', 2, 70),
      run('b', 2, 90, { provenance: { started: 'later' } }),
    ])
    expect(compared.map(({ name, seeds }) => [name, seeds])).toEqual([
      ['b', [1, 2]],
      ['a', [1, 2]],
    ])
    expect(compared[0]!.measures.averageIncrementalAccuracy).toMatchObject({ mean: 85, count: 2 })
    expect(isContest(compared)).toBe(true)
  })

  it('keeps other options apart, and what is not complete', () => {
    const compared = compareRuns([
      run('a', 1, 60, { options: { rank: 1 } }),
      run('a', 2, 70, { options: { rank: 2 } }),
      { ...run('a', 3, 65, { options: { rank: 1 } }), complete: false },
    ])
    expect(compared.map(({ name }) => name)).toEqual(['a, seed 2', 'a, seed 3', 'a, seed 1'])
    expect(isContest(compared)).toBe(false)
  })
})

it('leaves the page as CSV, Markdown and LaTeX', () => {
  const compared = compareRuns([run('co_da', 1, 60), run('co_da', 2, 70), run('=a|"b",', 1, 50)])
  const [heads, first, second] = exportTable(compared, 'csv')
    .split('\n')
    .map((line) => line.split(','))
  expect(heads).toEqual([
    ...['method', 'seeds'],
    ...measures.flatMap(({ name }) => [snake(name), `${snake(name)}_std`]),
    ...['seconds', 'trainable_parameters', 'compared_with', 'paired_seeds'],
    ...['average_incremental_accuracy', 'last_accuracy'].flatMap((name) =>
      ['', '_low', '_high', '_over'].map((end) => `${name}_difference${end}`),
    ),
  ])
  const cell = (line: string[], name: string) => line.at(heads!.indexOf(name) - heads!.length)
  const cells = (line: string[], ...names: string[]) => names.map((name) => cell(line, name))
  expect(first!.slice(0, 2)).toEqual(['co_da', '1 2'])
  const deviation = '7.0710678118654755'
  expect(cells(first!, 'last_accuracy', 'last_accuracy_std', 'learning_accuracy')).toEqual(['55', deviation, '70'])
  expect(cells(first!, 'forward_transfer', 'seconds', 'compared_with')).toEqual(['', '10', ''])
  expect(second!.join(',')).toMatch(/^"'=a\|""b"",, seed 1",1,50,,40,/)
  expect(cells(second!, 'compared_with', 'paired_seeds', 'last_accuracy_difference')).toEqual(['co_da', '1', '-10'])
  expect(exportTable(compared, 'markdown').split('\n').slice(1)).toEqual([
    '| :--- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| co_da | 2 | 65.00 ± 7.07 | 55.00 ± 7.07 | 1.00 ± 0.00 | – | – |',
    '| =a\\|"b",, seed 1 | 1 | 50.00 | 40.00 | 1.00 | -10.00 | -10.00 |',
    '',
    expect.stringContaining('paired bootstrap'),
  ])
  const tex = exportTable(compared, 'latex')
  expect(tex).toContain('co\\_da & 2 & 65.00 $\\pm$ 7.07 & 55.00 $\\pm$ 7.07 & 1.00 $\\pm$ 0.00 & -- & -- \\\\')
  expect(tex).toMatch(/^% Differences .*\n\\begin\{tabular\}\{lrrrrrr\}\n\\toprule\n/)
  // What a run does not know is no column of a table for people, and neither is what they need not see.
  expect(exportTable(compared, 'markdown').split('\n')[0]).not.toMatch(/transfer|learning/i)
  // One row alone has nothing to be compared with.
  expect(exportTable(compared.slice(0, 1), 'markdown').split('\n')).toHaveLength(3)
})

it('names settings by what sets them apart from others of their method', () => {
  const config = (method: string, seed: number, options: object, stream: object = { increment: 5 }) => ({
    ...{ method, seed, options, stream, data: { name: 'icons-100' }, provenance: { started: String(seed) } },
  })
  expect(
    settingNames([
      config('l2p', 1, { poolSize: 10, epochs: 1 }),
      config('l2p', 2, { poolSize: 20, epochs: 1 }, { increment: 10 }),
      config('ease', 1, {}),
      { ...config('ease', 1, {}), data: { name: 'cifar224' } },
    ]),
  ).toEqual([
    'l2p, poolSize=10, increment=5',
    'l2p, poolSize=20, increment=10',
    'ease, data=icons-100',
    'ease, data=cifar224',
  ])
  const named = compareRuns(
    [1, 2].flatMap((seed) => [5, 10].map((rank) => run('a', seed, rank, { options: { rank } }))),
  )
  expect(named.map(({ name }) => name)).toEqual(['a, rank=10', 'a, rank=5'])
})

it('says nothing of what a setting does not have', () => {
  const stream = (own: object) => ({ method: 'l2p', seed: 1, stream: own })
  const settings = [
    { scenario: 'class-incremental' },
    { scenario: 'few-shot', shots: 5 },
    { scenario: 'few-shot', shots: 1 },
  ]
  expect(settingNames(settings.map(stream))).toEqual([
    'l2p, scenario=class-incremental',
    'l2p, scenario=few-shot, shots=5',
    'l2p, scenario=few-shot, shots=1',
  ])
})
