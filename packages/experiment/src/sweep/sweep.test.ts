import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChild } from '../__fixtures__/build-child'
import { tinyRegistry } from '../__fixtures__/tiny-registry'
import { createWorkbench } from '../workbench/workbench'
import { checkSweep } from './check-sweep'
import { childExecutor } from './child-executor'
import { planSweep } from './plan-sweep'
import type { RunSweepOptions, SweepEvent } from './run-sweep'
import { runSweep } from './run-sweep'
import { openSweepFolder } from './sweep-folder'
import type { Execute, SweepRun } from './sweep-run'
import { parseSweep } from './sweep-settings'

let place = ''
let execute: Execute
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pilot-sweep-'))
  execute = childExecutor({ program: await buildChild('tiny-child'), threads: 1, features: join(place, 'features') })
})
afterAll(() => rm(place, { recursive: true, force: true }))

/** Checks a sweep and opens its folder. */
async function prepared(written: object, out: string) {
  const registry = tinyRegistry()
  const settings = parseSweep({ data: 'dots', backbone: 'tiny', engine: 'cpu', increment: 2, ...written }, 'the sweep')
  const plan = await planSweep(settings, { cwd: place, registry })
  const bench = createWorkbench({ registry })
  try {
    const { runs } = await checkSweep(plan.runs, bench)
    return await openSweepFolder(join(place, out), settings, runs)
  } finally {
    await bench.close()
  }
}

/** Runs one, and keeps what it tells. */
async function swept(written: object, out: string, options: Partial<RunSweepOptions> = {}) {
  const folder = await prepared(written, out)
  const events: SweepEvent[] = []
  const onEvent = (event: SweepEvent) => {
    events.push(event)
    options.onEvent?.(event)
  }
  const outcome = await runSweep(folder, { execute, jobs: 2, patience: 50, ...options, onEvent })
  return { folder, events, outcome }
}

/** What must be the same, however a run came about: all but the costs. */
async function results(out: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of (await readdir(join(place, out))).filter((each) => /-[0-9a-f]{16}$/.test(each)).sort()) {
    const own = join(place, out, name)
    const metrics = { ...(JSON.parse(await readFile(join(own, 'metrics.json'), 'utf8')) as object), costs: undefined }
    const last = (await readdir(join(own, 'tasks'))).sort().at(-1)!
    found[name] = [metrics, await readFile(join(own, 'tasks', last, 'state.safetensors'), 'base64')]
  }
  return found
}

const grid = { methods: ['simplecil', 'centred'], seeds: [1, 2] }

describe('a sweep on one machine', () => {
  it('computes every run in a process of its own, and the second time nothing', async () => {
    const { outcome, folder } = await swept(grid, 'whole')
    expect(outcome.failures).toEqual([])
    expect(outcome.done).toHaveLength(4)
    expect(Object.keys(await results('whole'))).toEqual(folder.runs.map((run) => run.folder).sort())
    const again = await swept({ ...grid, seeds: [1] }, 'whole', { execute: () => Promise.reject(new Error('never')) })
    expect(again.outcome.done).toHaveLength(2)
    expect(again.events.map(({ kind }) => kind)).toEqual(['found', 'found'])
    // What was asked for last can be asked for again.
    const saved = JSON.parse(await readFile(join(place, 'whole', 'sweep.json'), 'utf8')) as object
    expect((await prepared(saved, 'whole')).runs).toHaveLength(2)
    expect((await folder.readable()).map(({ complete }) => complete)).toEqual([true, true, true, true])
  })

  it('goes on after a process was killed, to the same numbers', async () => {
    const written = { ...grid, options: { 'centred.scale': 3 } }
    process.env.TINY_DIE_ONCE = join(place, 'died')
    const { outcome, events } = await swept(written, 'killed', { jobs: 1 })
    delete process.env.TINY_DIE_ONCE
    expect(outcome.failures).toEqual([])
    const again = events.flatMap((event) => (event.kind === 'news' && event.news.kind === 'again' ? [event.news] : []))
    expect(again).toMatchObject([{ reason: expect.stringContaining('was killed (SIGKILL') as string }])
    await swept(written, 'unkilled')
    expect(await results('killed')).toEqual(await results('unkilled'))
  })

  it('does not stop for a run that fails, and tries it again the next time', async () => {
    const { outcome } = await swept({ methods: 'centred', seeds: [1, 2], options: { fail: [1, null] } }, 'failing')
    // In the sweep's order, whichever ended first.
    expect(outcome.done).toHaveLength(2)
    expect(outcome.failures.map(({ run, error }) => [run.label, (error as Error).message])).toEqual([
      ['centred, fail=1, seed 1', 'asked to fail in task 1'],
      ['centred, fail=1, seed 2', 'asked to fail in task 1'],
    ])
  })

  it('stops when told to, with what is saved, and goes on from there', async () => {
    const stop = new AbortController()
    const written = { methods: 'centred', options: { pause: 300 } }
    const stopping = swept(written, 'stopped', {
      signal: stop.signal,
      onEvent: (event) => event.kind === 'news' && event.news.kind === 'scored' && stop.abort(new Error('enough')),
    })
    await expect(stopping).rejects.toThrow('enough')
    const { events } = await swept(written, 'stopped')
    expect(events[0]).toMatchObject({ kind: 'found', complete: false, earlier: [{}] })
    await swept(written, 'unstopped')
    expect(await results('stopped')).toEqual(await results('unstopped'))
  })

  it('shares its folder with another sweep', async () => {
    const written = { methods: 'centred', seeds: [1, 2], options: { pause: 100 } }
    const both = await Promise.all([swept(written, 'shared', { jobs: 1 }), swept(written, 'shared', { jobs: 1 })])
    expect(both.map(({ outcome }) => [outcome.done.length, outcome.failures])).toEqual([
      [2, []],
      [2, []],
    ])
    await swept(written, 'alone')
    expect(await results('shared')).toEqual(await results('alone'))
  })
})

describe('a run of a sweep', () => {
  it('has a name that says what it is, wherever its data lie', async () => {
    const { runs } = await prepared({ methods: 'centred', seeds: [1, 2], options: { scale: [1, 2] } }, 'names')
    expect(new Set(runs.map(({ id }) => id)).size).toBe(4)
    const [moved] = (await prepared({ methods: 'centred', seeds: 1, dataRoot: 'elsewhere' }, 'names')).runs
    expect(moved!.id).toBe(runs[0]!.id)
    const [other] = (await prepared({ methods: 'centred', seeds: 1, perClass: { train: 2 } }, 'names')).runs
    expect(other!.id).not.toBe(runs[0]!.id)
  })

  it('refuses data that are not those it was planned with', async () => {
    const folder = await prepared({ methods: 'simplecil' }, 'data')
    const changed: SweepRun = { ...folder.runs[0]!, data: 'another' }
    await expect(execute(changed, { out: folder.path })).rejects.toMatchObject({
      code: 'other-ingredients',
      message: expect.stringContaining('data set dots here is not what the sweep was planned with') as string,
    })
  })

  it('takes up a folder in which a process was killed as it began', async () => {
    const folder = await prepared({ methods: 'simplecil' }, 'begun')
    const run = folder.runs[0]!
    await execute(run, { out: folder.path })
    const own = join(folder.path, run.folder)
    await cp(join(own, 'stream.json'), join(place, 'stream.json'))
    await rm(own, { recursive: true })
    await cp(join(place, 'stream.json'), join(own, 'stream.json'))
    await execute(run, { out: folder.path })
    expect((await folder.state(run)).complete).toBe(true)
  })
})

it('stops with one error where its folder is gone', async () => {
  const folder = await prepared({ methods: 'centred', seeds: [1, 2, 3] }, 'gone')
  const begun: string[] = []
  const vanishing: Execute = async (run, options) => {
    begun.push(run.label)
    await rm(folder.path, { recursive: true })
    // As where a share is no longer mounted: nothing can be made in its place.
    await writeFile(folder.path, '')
    await execute(run, options)
  }
  await expect(runSweep(folder, { execute: vanishing, jobs: 1 })).rejects.toMatchObject({
    code: 'folder-not-writable',
    message: expect.stringContaining(`the sweep's folder ${folder.path} is gone`) as string,
  })
  expect(begun).toHaveLength(1)
})
