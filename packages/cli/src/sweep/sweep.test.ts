import type { SweepEvent, SweepRun } from '@pilotjs/experiment'
import { createColors } from 'picocolors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Workplace } from '../__fixtures__/workplace'
import { makeWorkplace } from '../__fixtures__/workplace'
import { matrix } from './live-matrix'
import { plainLines } from './plain-lines'
import { withFlags } from './sweep-flags'
import { followSweep } from './sweep-progress'

const run = (label: string, method = 'l2p', tasks = 4) =>
  ({ id: label, label, folder: label, tasks, config: { method } }) as SweepRun
const news = (of: SweepRun, told: Extract<SweepEvent, { kind: 'news' }>['news']): SweepEvent => ({
  kind: 'news',
  run: of,
  news: told,
})
const scored = (of: SweepRun, task: number, seconds: number) =>
  news(of, { kind: 'scored', task, accuracy: 90 - 10 * task, seconds })

describe('flags', () => {
  it('are a grid, lists with commas, options of one method by its name', () => {
    const flags = {
      methods: ['simplecil', 'l2p'],
      seeds: [1, 2],
      increment: [5, 10],
      set: ['l2p.poolSize=10,20', 'l2p.milestones=[60,80],[70]', 'how=a,b', 'l2p.rate=1e-3'],
    }
    expect(withFlags(undefined, flags)).toEqual({
      methods: ['simplecil', 'l2p'],
      seeds: [1, 2],
      increment: [5, 10],
      options: {
        'l2p.poolSize': [10, 20],
        'l2p.milestones': [[60, 80], [70]],
        how: ['a', 'b'],
        'l2p.rate': [0.001],
      },
    })
  })

  it('outdo the file, also inside its runs', () => {
    const file = withFlags(undefined, { methods: ['l2p'], seeds: [1], set: ['a=1', 'b=1'] })
    const listed = { ...file, runs: [{ seeds: [7], options: { a: [2] } }, { methods: ['ease'] }] }
    expect(withFlags(listed, { seeds: [3, 4], set: ['a=5'] })).toEqual({
      methods: ['l2p'],
      seeds: [3, 4],
      options: { a: [5], b: [1] },
      runs: [
        { seeds: [3, 4], options: { a: [5] } },
        { methods: ['ease'], seeds: [3, 4], options: { a: [5] } },
      ],
    })
  })
})

describe('progress', () => {
  const [one, two, three] = [run('one'), run('two'), run('three', 'ease', 2)]

  it('reckons what is left from what tasks of the method took, shared out among what goes on', () => {
    const follow = followSweep([one, two, three])
    follow.take({ kind: 'found', run: one, earlier: [], complete: false })
    expect(follow.state()).toMatchObject({ fraction: 0, counts: { waiting: 3 } })
    expect(follow.state().left).toBeUndefined()
    for (const each of [one, three]) follow.take({ kind: 'started', run: each })
    follow.take(scored(one, 0, 10))
    follow.take(scored(three, 0, 2))
    // 7 tasks of l2p and one of ease, two runs at a time.
    expect(follow.state()).toMatchObject({ fraction: 0.2, left: (7 * 10 + 2) / 2 })
    follow.take({ kind: 'done', run: three })
    follow.take({ kind: 'failed', run: two, error: new Error('no') })
    expect(follow.state()).toMatchObject({ counts: { done: 1, failed: 1, running: 1 }, left: 30 })
  })

  it('is a matrix of runs and tasks, and where there are too many what matters most', () => {
    const follow = followSweep([one, two, three])
    follow.take({ kind: 'found', run: two, earlier: [{ accuracy: 80, seconds: 1 }], complete: false })
    follow.take({ kind: 'started', run: three })
    follow.take(news(three, { kind: 'begun', earlier: [], on: 'far' }))
    follow.take(scored(three, 0, 1))
    follow.take({ kind: 'failed', run: one, error: new Error('out of luck') })
    const screen = { colors: createColors(false), columns: 60, rows: 24 }
    const lines = matrix(follow.state(), screen, () => '*')
    expect(lines).toEqual([
      '✖ one    ····  out of luck',
      '· two    ▇···   80.0 %',
      '* three  █·   90.0 %  starting  far',
    ])
    expect(matrix(follow.state(), { ...screen, rows: 7, columns: 12 }, () => '*')[0]).toBe('✖ one    ··')
    const many = Array.from({ length: 50 }, (_, i) => run(`run ${i}`))
    const crowd = followSweep(many)
    crowd.take({ kind: 'started', run: many[40]! })
    const shown = matrix(crowd.state(), { ...screen, rows: 10 }, () => '*')
    expect(shown).toHaveLength(5)
    expect(shown.at(-1)).toBe('* run 40  ····  starting')
  })

  it('is plain lines in a pipe', () => {
    const written: string[] = []
    const terminal = { err: (text: string) => void written.push(text) } as Parameters<typeof plainLines>[0]
    const display = plainLines(terminal)
    display.begin([one, two], '1 at a time')
    const events: SweepEvent[] = [
      { kind: 'found', run: one, earlier: [], complete: true },
      { kind: 'found', run: two, earlier: [{ accuracy: 50, seconds: 3 }], complete: false },
      { kind: 'elsewhere', run: two, reason: 'two is in use' },
      news(two, { kind: 'begun', earlier: [], on: 'node-7 (pid 12)' }),
      scored(two, 1, 3),
      news(two, { kind: 'again', reason: 'node-7 fell silent' }),
      { kind: 'failed', run: two, error: new Error('no') },
    ]
    events.forEach((event) => display.event(event))
    expect(written).toEqual([
      '2 runs, 1 at a time',
      'one  is there already',
      'two  goes on after 1 saved task',
      'two  waits: two is in use',
      'two  begins on node-7 (pid 12)',
      'two  task 2/4  accuracy 80.00 %  (3.0 s)',
      'two  begins again: node-7 fell silent',
      'two  failed: no  (1 of 2 runs done, 1 failed, ETA 0:00)',
    ])
  })
})

describe('pilot sweep', () => {
  let place: Workplace
  beforeAll(async () => (place = await makeWorkplace()))
  afterAll(() => place.remove())
  const pilot = (...words: string[]) => place.pilot(...(words[0] === 'worker' ? words : ['sweep', ...words]))
  const small = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--engine', 'cpu']

  it.each([
    [[], 'what the flags say: methods says which methods to run'],
    [['--methods', 'means', '--set', 'scael=1,2'], 'means has no option "scael"; did you mean "scale"?'],
    [['--methods', 'means,meens'], '1 of 2 settings cannot be run; nothing was begun:\n  meens: there is no method'],
    [['--methods', 'means', '--set', 'scale'], '--set takes option=value,value, or method.option=value,value'],
    [['--methods', 'means', '--set', 'mean.scale=2'], 'Did you mean "means"?'],
    [['--methods', 'means', '--scenario', 'class-incremental,task'], 'Did you mean "task-incremental"?'],
    [['--methods', 'means', '--jobs', '0'], 'It must be at least 1'],
    [['worker'], 'a worker needs a queue: --queue redis://HOST:6379, or PILOT_QUEUE'],
    [['worker', '--queue', 'http://:geheim@host'], 'the queue is no address of a Redis'],
    [['--methods', 'means', '--queue', 'redis//host'], 'the queue is no address of a Redis'],
    [['nothing.yaml'], 'there is no file nothing.yaml'],
    [['--methods', 'means', '--state', 'anew'], '--state is for workers: name their queue with --queue'],
    [['--methods', 'means', '--state', 'shred', '--queue', 'redis://host'], 'Did you mean "shared"?'],
    [
      ['--methods', 'means', '--state', 's3://me:geheim@bucket', '--queue', 'redis://host'],
      'the state store is no address of a bucket; such is s3://BUCKET/PREFIX',
    ],
    [['--methods', 'means', '--queue', 'rediss://host', '--queue-ca', 'no.pem'], '--queue-ca no.pem:'],
    [['--methods', 'means', '--queue', 'redis://host', '--queue-ca', 'wrong.yaml'], 'begins with rediss://'],
    [['--cancel'], '--cancel needs the queue of the sweep'],
    [['--cancel', '--queue', 'redis://host'], 'there is no sweep in runs/sweep; --out says where it is'],
    [['--methods', 'means', '--track', 'wandb'], 'a tracker is one of tensorboard, mlflow'],
    [['million.json'], 'this sweep asks for 1,000,000 runs, and 20,000 is the most: 1,000 increment × 1,000 seeds'],
    [
      ['many.json'],
      '1 of 300 settings cannot be run; nothing was begun:\n  means: means has no option "scael"; did you mean "scale"?',
    ],
    [['wrong.yaml'], 'wrong.yaml is no sweep:\n  there is no "method"; did you mean "methods"?'],
  ])('says what is wrong with %j, and that it was typed so (2)', async (args, message) => {
    await writeFile(join(place.folder, 'wrong.yaml'), 'method: means\n')
    const thousand = Array.from({ length: 1000 }, (_, i) => i + 1)
    const million = { methods: 'means', seeds: thousand, increment: thousand }
    await writeFile(join(place.folder, 'million.json'), JSON.stringify(million))
    // One option of three hundred is misspelt.
    const runs = thousand.slice(0, 300).map((scale) => ({ options: scale === 200 ? { scael: 1 } : { scale } }))
    await writeFile(join(place.folder, 'many.json'), JSON.stringify({ methods: 'means', runs }))
    expect(await pilot(...args)).toEqual({ code: 2, out: '', err: expect.stringContaining(message) as string })
  })

  it('says in one line that there is no Redis, before anything is looked through', async () => {
    const nobody = {
      code: 1,
      out: '',
      err: 'error: there is no Redis for the queue: connect ECONNREFUSED 127.0.0.1:1 (redis://127.0.0.1:1)\n',
    }
    expect(await pilot('--methods', 'means', '--queue', 'redis://:geheim@127.0.0.1:1')).toEqual(nobody)
    const working = await pilot('worker', '--queue', 'redis://:geheim@127.0.0.1:1')
    expect(working).toMatchObject({ code: 1, err: expect.stringContaining(nobody.err) as string })
    expect(working.err).not.toContain('geheim')
  })

  it('prints workers for a cluster, their queue not among it', async () => {
    const { code, out, err } = await pilot(
      '--methods',
      'means',
      ...small,
      '--emit',
      'slurm',
      '--workers',
      '3',
      '--out',
      'x',
    )
    expect([code, err]).toEqual([0, expect.stringContaining('give it to sbatch with PILOT_QUEUE set') as string])
    expect(out).toContain('#SBATCH --array=0-2')
    expect(JSON.parse((await pilot('--methods', 'means', ...small, '--emit', 'k8s')).out)).toMatchObject({
      kind: 'Job',
    })
  })

  it('makes everything once before the first run: what does not fit leaves no folder', async () => {
    const { code, err } = await pilot('--methods', 'means', ...small, '--increment', '2,30', '--out', 'never')
    expect(code).toBe(2)
    expect(err).toContain('1 of 2 settings cannot be run; nothing was begun:\n  means, increment=30, seed 1993:')
    expect(err).toContain('there are only 4')
    expect(existsSync(join(place.folder, 'never'))).toBe(false)
  })
})
