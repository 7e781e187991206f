import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Execute } from '@pilotjs/experiment'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Workplace } from '../__fixtures__/workplace'
import { makeWorkplace } from '../__fixtures__/workplace'
import { registryOf } from '../registry'

// Child processes need what is built: here a trial is computed in this process.
vi.mock('@pilotjs/experiment', async (original) => {
  const experiment = await original<object>()
  const { learnSweepRun } = await import('../../../experiment/src/sweep/learn-sweep-run')
  return {
    ...experiment,
    childExecutor:
      ({ cwd }: { cwd: string }): Execute =>
      (run, asked) =>
        learnSweepRun(run, { ...asked, registry: registryOf(cwd), onNews: asked.onNews ?? (() => undefined) }),
  }
})

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

const pilot = (...words: string[]) => place.pilot(...words)
const small = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--increment', '2', '--engine', 'cpu']

it('chooses options, says on what, and what was chosen can be run', async () => {
  const search = ['tune', 'means', ...small, '--choose', 'scale=1,2', '--trials', '2', '--seeds', '1', '--out', 'tuned']
  const { code, out, err } = await pilot(...search, '--validation', '0.5', '--jobs', '1')
  expect([code, err]).toEqual([0, expect.stringContaining('chosen on training images alone (50 % of them')])
  expect(out).toMatch(/^chosen +[12] +\d+\.\d\d +1 seed$/m)
  expect((await pilot('run', 'tuned/best.json', ...small, '--out', 'judged')).code).toBe(0)
  const page = await readFile(join(place.folder, 'judged', 'report.html'), 'utf8')
  expect(page).toContain('Options that were chosen')
})

it('tunes on any stream that can be run, and says so', async () => {
  const stream = ['--scenario', 'few-shot', '--shots', '1', '--init-cls', '2', '--long-tailed', '0.5', '--no-shuffle']
  const search = ['tune', 'means', ...small, ...stream, '--choose', 'scale=1,2', '--trials', '1', '--seeds', '1']
  const { code, err } = await pilot(...search, '--validation', '0.5', '--jobs', '1', '--out', 'tuned-few')
  expect([code, err]).toEqual([0, expect.stringContaining('chosen on training images alone')])
  // What was chosen is judged on the same kind of stream.
  expect(err).toContain(
    '--long-tailed 0.5 --scenario few-shot --init-cls 2 --increment 2 --no-shuffle --shots 1 --seed',
  )
  const { tuning } = JSON.parse(await readFile(join(place.folder, 'tuned-few/best.json'), 'utf8')) as {
    tuning: { on: { stream: object } }
  }
  expect(tuning.on.stream).toMatchObject({ scenario: 'few-shot', shots: 1, baseClasses: 2, shuffle: false })
})

it('says what it cannot choose', async () => {
  expect(await pilot('tune', 'means', ...small)).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no option to choose') as string,
  })
  expect(await pilot('tune', 'means', ...small, '--choose', 'scael=1,2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean "scale"?') as string,
  })
})
