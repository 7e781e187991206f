import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '@pilotjs/core/random'
import type { Dataset, ImageSource } from '@pilotjs/data'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tinyRegistry } from '../__fixtures__/tiny-registry'
import type { Registry } from '../registry/registry'
import { planRuns } from '../planning/plan-runs'
import type { RunConfig } from '../run-directory/run-config'
import { learnSweepRun } from '../sweep/learn-sweep-run'
import type { Execute } from '../sweep/sweep-run'
import { validationSplit } from '../workbench/validation-split'
import { createWorkbench } from '../workbench/workbench'
import { rungsOf, runsOf } from './halving'
import { drawTrials, parseSpace } from './search-space'
import type { TuneSettings } from './tune'
import { tune } from './tune'

describe('a search space', () => {
  it('gives the same draws for the same seed, each once, within its bounds', () => {
    const space = parseSpace({
      rate: { from: 1e-4, to: 1, scale: 'log' },
      'memory.total': { from: 3, to: 9, integer: true },
      schedule: ['cosine', 'constant'],
    })
    const draws = drawTrials(space, 200, createRng(1))
    expect(drawTrials(space, 200, createRng(1))).toEqual(draws)
    expect(drawTrials(space, 200, createRng(2))).not.toEqual(draws)
    expect(draws).toHaveLength(200)
    for (const { rate, 'memory.total': total } of draws as { rate: number; 'memory.total': number }[]) {
      expect(rate).toBeGreaterThanOrEqual(1e-4)
      expect(rate).toBeLessThanOrEqual(1)
      expect(Number.isInteger(total) && total >= 3 && total <= 9).toBe(true)
    }
    // Half of the draws lie below the middle power of ten.
    const low = (draws as { rate: number }[]).filter(({ rate }) => rate < 1e-2).length
    expect(Math.abs(low - 100)).toBeLessThan(30)
    expect(drawTrials(parseSpace({ a: [1, 2, 3] }), 50, createRng(1))).toHaveLength(3)
  })

  it.each([
    [{}],
    [{ a: [] }],
    [{ a: { from: 2, to: 1 } }],
    [{ a: { from: 0, to: 1, scale: 'log' } }],
    [{ '__proto__.a': [1] }],
  ])('is refused where it makes no sense: %j', (space) => {
    expect(() => parseSpace(JSON.parse(JSON.stringify(space)))).toThrow('this is no search space')
  })
})

it('halves: fewer trials on more seeds', () => {
  expect(rungsOf('random', 30, 5)).toEqual([{ trials: 30, seeds: 5 }])
  const rungs = rungsOf('halving', 27, 5)
  expect(rungs).toEqual([
    { trials: 27, seeds: 1 },
    { trials: 9, seeds: 3 },
    { trials: 3, seeds: 5 },
  ])
  expect(runsOf(rungs)).toBe(27 + 9 * 2 + 3 * 2)
  expect(rungsOf('halving', 2, 1)).toEqual([{ trials: 2, seeds: 1 }])
  expect(rungsOf('halving', 1, 5)).toEqual([{ trials: 1, seeds: 5 }])
})

/** A dataset whose test images cannot be looked at in any way. */
function guarded(dataset: Dataset): Dataset {
  const test = new Proxy({} as ImageSource, {
    get: (_, what) => {
      throw new Error(`somebody looked at the test images: ${String(what)}`)
    },
  })
  return { ...dataset, test }
}

it('takes a part of the training images for a test, and never looks at the test images', async () => {
  const { value } = await tinyRegistry().load('dataset', 'dots')
  const whole = await value.load()
  const split = validationSplit(guarded(whole), { fraction: 0.25, seed: 1 })
  const keys = ({ length, key }: ImageSource) => Array.from({ length }, (_, i) => key(i))
  expect([...keys(split.train), ...keys(split.test)].sort()).toEqual(keys(whole.train).sort())
  expect(split.test.length).toBeGreaterThan(0)
})

describe('tune', () => {
  let out = ''
  beforeEach(async () => (out = await mkdtemp(join(tmpdir(), 'pilot-tune-'))))
  afterEach(() => rm(out, { recursive: true, force: true }))

  async function tuned(settings: Partial<TuneSettings>) {
    const registry = tinyRegistry()
    const dots = guarded(await (await registry.load('dataset', 'dots')).value.load())
    // Whoever computes a trial gets the guarded data, too.
    const blind: Registry = {
      ...registry,
      async open(found) {
        const opened = await registry.open(found)
        return found.kind === 'dataset'
          ? { ...opened, value: { ...opened.value, load: () => Promise.resolve(dots) } }
          : opened
      },
    }
    const ran: RunConfig[] = []
    const execute: Execute = async (run, asked) => {
      ran.push(run.config)
      await learnSweepRun(run, { ...asked, registry: blind, onNews: () => undefined })
    }
    const bench = createWorkbench({ registry: blind, check: 'none' })
    try {
      const result = await tune(
        {
          method: 'centred',
          data: 'dots',
          backbone: 'tiny',
          engine: 'cpu',
          increment: 2,
          space: parseSpace({ scale: [500, 0.001] }),
          trials: 2,
          seeds: [1],
          sampler: 'random',
          validationFraction: 0.5,
          drawSeed: 1,
          ...settings,
        },
        { registry: blind, bench, cwd: out, out: 'tuned', execute, jobs: 1 },
      )
      return { result, ran }
    } finally {
      await bench.close()
    }
  }

  it('chooses by validation images alone, and does not run again what is there', async () => {
    const { result, ran } = await tuned({})
    expect(ran).toHaveLength(2)
    expect(result.best.options).toEqual({ scale: 0.001 })
    const [loser] = result.trials.filter((trial) => trial !== result.best)
    expect(result.best.score!.mean).toBeGreaterThan(loser!.score!.mean)
    const again = await tuned({})
    expect(again.ran).toEqual([])
    expect(again.result.trials).toEqual(result.trials)

    const chosen = JSON.parse(await readFile(result.config, 'utf8')) as RunConfig
    expect(chosen).toMatchObject({
      method: 'centred',
      options: { scale: 0.001 },
      tuning: {
        trials: 2,
        runs: 2,
        seeds: [1],
        on: { data: 'dots', validationFraction: 0.5 },
        chosen: { scale: 0.001 },
      },
    })
    // What was chosen can be run, and says how it was chosen; it then learns all training images.
    const { configs } = await planRuns(
      result.config,
      { data: 'dots', backbone: 'tiny', increment: 2 },
      { cwd: out, registry: tinyRegistry() },
    )
    expect(configs[0]).toMatchObject({ options: { scale: 0.001 }, tuning: { score: 'average incremental accuracy' } })
    expect(configs[0]!.data.validation).toBeUndefined()
  })

  it('takes the first of equal draws, and leaves out those that fail', async () => {
    const some = await tuned({
      space: parseSpace({ fail: [0, null, 9] }),
      trials: 3,
      sampler: 'halving',
      seeds: [1, 2],
    })
    const order = some.result.trials.map(({ options }) => options.fail)
    expect(some.result.best.options.fail).toBe(order.find((fail) => fail !== 0))
    expect(some.result.trials.find(({ options }) => options.fail === 0)!.failure).toContain('asked to fail in task 0')
    await expect(tuned({ space: parseSpace({ fail: [0] }), trials: 1 })).rejects.toMatchObject({
      code: 'nothing-tuned',
    })
  })
})
