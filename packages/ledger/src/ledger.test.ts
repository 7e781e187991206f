import { expect, it } from 'vitest'
import type { Figure, Source } from './figure'
import { WEIGHTS } from './figure'
import { ledger } from './ledger'
import { published } from './published'
import { renderLedger } from './render-ledger'
import type { Result } from './result'
import { withResult } from './result'

const source: Source = { key: 'here', what: 'a test', trust: 'none' }
const setting = { method: 'l2p', data: 'cifar224', increment: 10, backbone: WEIGHTS.in1k }
const paper: Figure = { ...setting, backbone: WEIGHTS.in21k, last: 82.8, average: 88.5, by: 'paper', source }
const pilot: Figure = { ...setting, last: 84.3, by: 'pilot', source }
const result: Result = {
  ...setting,
  by: 'pilotjs',
  weights: 'abc',
  seeds: [1993, 1994],
  last: [84, 86],
  average: [88, 90],
  classOrder: 'seed',
  options: {},
  date: '2026-11-30',
  version: '0.1.0',
}

it('keeps weights apart and judges by the one row', () => {
  expect(ledger([result], [paper, pilot])).toMatchObject([
    { backbone: WEIGHTS.in21k, paper, state: 'not run' },
    { backbone: WEIGHTS.in1k, pilot, ours: result, state: 'reproduced' },
  ])
})

it.each([
  [{ last: 86.1 }, 'differs'],
  [{ last: 85, average: 87.9 }, 'differs'],
  [{ last: 86, average: 88 }, 'reproduced'],
] as const)('%j: %s', (figure, state) => {
  expect(ledger([result], [{ ...pilot, ...figure }])).toMatchObject([{ state }])
})

it('has nothing to compare where only other weights were published', () => {
  expect(ledger([result], [paper]).map(({ state }) => state)).toEqual(['not run', 'nothing to compare with'].sort())
})

it('takes a run of PILOT beside ours for its figure', () => {
  const theirs: Result = { ...result, by: 'pilot', last: [60, 60], average: [88, 90] }
  expect(ledger([result, theirs], [pilot])).toMatchObject([{ pilot: theirs, state: 'differs' }])
})

it('keeps results with options of their own apart', () => {
  const theirs: Result = { ...result, by: 'pilot', options: { tuned_epoch: 1 } }
  expect(ledger([result, theirs], [])).toMatchObject([
    { pilot: theirs, state: 'not run' },
    { ours: result, state: 'nothing to compare with' },
  ])
})

it('replaces a result of the same setting, and no other', () => {
  const again = { ...result, seeds: [1], last: [80], average: [81] }
  expect(withResult([result], again)).toEqual([again])
  expect(withResult([result], { ...again, weights: 'def' })).toHaveLength(2)
})

it('holds figures within 0 … 100, average above last, none twice by one hand from one source', () => {
  const seen = new Set<string>()
  for (const {
    last,
    average,
    method,
    data,
    increment,
    backbone,
    by,
    source: { key },
  } of published) {
    for (const value of [last, average]) if (value !== undefined) expect(value > 0 && value < 100).toBe(true)
    if (last !== undefined && average !== undefined) expect(average).toBeGreaterThan(last)
    const id = JSON.stringify([method, data, increment, backbone, by, key])
    expect(seen).not.toContain(id)
    seen.add(id)
  }
  expect(seen.size).toBeGreaterThan(150)
})

it('renders every row under its data set, and says of what cannot be compared that it cannot', () => {
  const page = renderLedger(ledger([result]))
  expect(page).toContain('## cifar224')
  expect(page.split('\n').filter((line) => line.startsWith('| l2p'))).toHaveLength(
    new Set(published.filter(({ method }) => method === 'l2p').map((f) => [f.data, f.increment, f.backbone].join()))
      .size,
  )
  expect(page).toMatch(/\| simplecil +\| B0-Inc10 +\| ViT-B\/16 augreg_in21k_ft_in1k .*not run: weights not here/)
  expect(page).toMatch(/\| slca +\| not said .*not comparable/)
})
