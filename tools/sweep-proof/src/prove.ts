import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { testRedis } from '../../../packages/sweep-queue/src/__fixtures__/redis-server'
import { testS3 } from '../../../packages/s3-state/src/__fixtures__/s3-server'
import type { Pilot } from './pilot'
import { pilot } from './pilot'
import { filesIn, results } from './results'

/** What is done to a sweep. */
export interface Trial {
  /** Words behind `pilot sweep`. */
  readonly sweep: readonly string[]
  readonly runs: number
  readonly workers: number
  /** Workers that are killed (-9), each in the middle of a run of which it has saved a task. */
  readonly kills: number
  /** Whether Redis is killed, too, and started again with what it had written down. */
  readonly crash: boolean
  /** Whether Redis forgets everything in the middle of a run. */
  readonly forgets?: boolean
  /** Hours by which the clocks of the workers are wrong, one after the other; the first is right. */
  readonly clocks?: readonly number[]
  /** Whether Redis speaks TLS. */
  readonly tls?: boolean
  /** Whether whoever began the sweep is killed as well, and begins it again. */
  readonly killSweep: boolean
  /** What outlives a worker: a folder that all see, or a bucket. */
  readonly state: 'shared' | 's3'
}

/** What came of it. */
export interface Proof {
  readonly files: number
  readonly killed: number
  /** Runs that went on from a saved task on another worker. */
  readonly goneOn: number
}

/**
 * Runs a sweep alone on this machine, and again by workers that are killed and a Redis that crashes, and compares every file of
 * every run. Each way has a cache of features of its own.
 */
export async function prove(trial: Trial): Promise<Proof> {
  const place = await mkdtemp(join(tmpdir(), 'pilot-proof-'))
  const redis = await testRedis({ password: 'geheim', tls: trial.tls })
  const s3 = trial.state === 's3' ? await testS3() : undefined
  const all: Pilot[] = []
  const start = (
    args: readonly string[],
    cache: string,
    { onLine, clock = 0 }: { onLine?: (line: string) => void; clock?: number } = {},
  ) => {
    const started = pilot(args, {
      cwd: place,
      env: {
        PILOT_QUEUE: args.includes('alone') ? '' : redis.url,
        PILOT_CACHE: join(place, cache),
        PILOT_THREADS: '1',
        ...(redis.caFile === undefined ? {} : { PILOT_QUEUE_CA: redis.caFile }),
        ...s3?.env,
        ...(clock === 0 ? {} : { NODE_OPTIONS: `--import=${wrongClock(clock)}` }),
      },
      onLine,
    })
    all.push(started)
    return started
  }
  try {
    await mkdir(join(place, 'cache-queue'))
    expect(await start(['sweep', ...trial.sweep, '--jobs', '2', '--out', 'alone'], 'cache-alone').ended).toBe(0)

    const workers = new Map<number, Pilot>()
    const { clocks = [] } = trial
    let hired = 0
    const hire = () => {
      const clock = clocks[hired++ % Math.max(1, clocks.length)]
      const worker = start(['worker', '--jobs', '1', '--lock', '3'], 'cache-queue', { clock })
      workers.set(worker.pid, worker)
    }
    for (let i = 0; i < trial.workers; i++) hire()

    let killed = 0
    let goneOn = 0
    let crashed = false
    let sweepKilled = false
    let forgotten = false
    /** Which worker is at which run. */
    const at = new Map<string, number>()
    const watch = (line: string) => {
      const [, begun, pid, , earlier] =
        /^(.*?) {2}begins on .*process (\d+)(, after (\d+) saved tasks?)?/.exec(line) ?? []
      if (begun !== undefined) at.set(begun, Number(pid))
      if (earlier !== undefined) goneOn++
      const [, scored] = /^(.*?) {2}task 1\//.exec(line) ?? []
      if (scored !== undefined && trial.forgets && !forgotten) {
        forgotten = true
        redis.flush()
      }
      const worker = scored === undefined ? undefined : workers.get(at.get(scored) ?? 0)
      if (!worker || killed >= trial.kills) return
      killed++
      workers.delete(worker.pid)
      worker.kill('SIGKILL')
      hire()
      if (trial.crash && !crashed && killed === Math.ceil(trial.kills / 2)) {
        crashed = true
        void redis.crash().then(() => redis.start())
      }
      if (trial.killSweep && killed === trial.kills) {
        sweepKilled = true
        sweeping.kill('SIGKILL')
      }
    }
    const words = ['sweep', ...trial.sweep, '--out', 'queued', ...(s3 ? ['--state', `s3://${s3.bucket}/proof`] : [])]
    let sweeping = start(words, 'cache-queue', { onLine: watch })
    let code = await sweeping.ended
    if (sweepKilled) {
      expect(code).toBeNull()
      sweeping = start(words, 'cache-queue', { onLine: watch })
      code = await sweeping.ended
    }
    expect([code, sweeping.lines.slice(-5)]).toEqual([0, expect.anything()])
    const said = all.flatMap(({ lines }) => lines).join('\n')
    const everywhere = [said, await redis.written(), ...(await filesIn(join(place, 'queued')))]
    expect(everywhere.filter((text) => text.includes('geheim'))).toEqual([])
    // Nothing is left in the bucket once the runs are where they belong.
    expect(await s3?.keys()).toEqual(s3 && [])

    const [alone, queued] = [await results(join(place, 'alone')), await results(join(place, 'queued'))]
    expect(queued).toEqual(alone)
    expect(Object.keys(alone).filter((name) => name.endsWith('metrics.json'))).toHaveLength(trial.runs)
    return { files: Object.keys(alone).length, killed, goneOn }
  } finally {
    for (const { kill } of all) kill('SIGKILL')
    await Promise.all(all.map(({ ended }) => ended))
    await Promise.all([redis.stop(), s3?.stop()])
    await rm(place, { recursive: true, force: true })
  }
}

/** A module that sets a process's clock wrong, for `--import`. */
const wrongClock = (hours: number): string =>
  `data:text/javascript,${encodeURIComponent(`
    const Right = Date
    globalThis.Date = class extends Right {
      constructor(...given) { given.length === 0 ? super(Right.now() + ${hours} * 3600e3) : super(...given) }
      static now() { return Right.now() + ${hours} * 3600e3 }
    }`)}`
