import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { testRedis } from '../../../packages/sweep-queue/src/__fixtures__/redis-server'
import type { Pilot } from './pilot'
import { pilot } from './pilot'
import { results } from './results'

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
  /** Whether whoever began the sweep is killed as well, and begins it again. */
  readonly killSweep: boolean
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
  const redis = await testRedis(['--requirepass', 'geheim'], 'geheim')
  const all: Pilot[] = []
  const start = (args: readonly string[], cache: string, onLine?: (line: string) => void) => {
    const started = pilot(args, {
      cwd: place,
      env: {
        PILOT_QUEUE: args.includes('alone') ? '' : redis.url,
        PILOT_CACHE: join(place, cache),
        PILOT_THREADS: '1',
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
    const hire = () => {
      const worker = start(['worker', '--jobs', '1', '--lock', '3'], 'cache-queue')
      workers.set(worker.pid, worker)
    }
    for (let i = 0; i < trial.workers; i++) hire()

    let killed = 0
    let goneOn = 0
    let crashed = false
    let sweepKilled = false
    /** Which worker is at which run. */
    const at = new Map<string, number>()
    const watch = (line: string) => {
      const [, begun, pid, , earlier] =
        /^(.*?) {2}begins on .*process (\d+)(, after (\d+) saved tasks?)?/.exec(line) ?? []
      if (begun !== undefined) at.set(begun, Number(pid))
      if (earlier !== undefined) goneOn++
      const [, scored] = /^(.*?) {2}task 1\//.exec(line) ?? []
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
    const words = ['sweep', ...trial.sweep, '--out', 'queued']
    let sweeping = start(words, 'cache-queue', watch)
    let code = await sweeping.ended
    if (sweepKilled) {
      expect(code).toBeNull()
      sweeping = start(words, 'cache-queue', watch)
      code = await sweeping.ended
    }
    expect([code, sweeping.lines.slice(-5)]).toEqual([0, expect.anything()])
    const said = all.flatMap(({ lines }) => lines).join('\n')
    expect(said).not.toContain('geheim')

    const [alone, queued] = [await results(join(place, 'alone')), await results(join(place, 'queued'))]
    expect(queued).toEqual(alone)
    expect(Object.keys(alone).filter((name) => name.endsWith('metrics.json'))).toHaveLength(trial.runs)
    return { files: Object.keys(alone).length, killed, goneOn }
  } finally {
    for (const { kill } of all) kill('SIGKILL')
    await Promise.all(all.map(({ ended }) => ended))
    await redis.stop()
    await rm(place, { recursive: true, force: true })
  }
}
