import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { pilot } from '../../sweep-proof/src/pilot'
import { results } from '../../sweep-proof/src/results'

/** Four tasks of few images. */
const stream = ['--increment', '25', '--train-per-class', '2', '--test-per-class', '1', '--engine', 'onnx']

/** What came of it. */
export interface KilledRun {
  /** The line behind which the run was killed. */
  readonly killedAt: string
  /** Files that were compared. */
  readonly files: number
}

/**
 * Runs a method by the `pilot` command, and again: killed (-9) in the second task, behind an epoch where it trains there, and
 * resumed. Every file of both runs is compared, but for times.
 * @param flags behind `pilot run METHOD`
 */
export async function killedRun(method: string, flags: readonly string[]): Promise<KilledRun> {
  const place = await mkdtemp(join(tmpdir(), 'pilot-killed-'))
  const start = (words: readonly string[], side: string, onLine?: (line: string) => void) =>
    pilot(words, { cwd: place, env: { PILOT_CACHE: join(place, `cache-${side}`), PILOT_THREADS: '1' }, onLine })
  try {
    const run = (side: string) => ['run', method, ...stream, ...flags, '--out', `${side}/run`]
    const undisturbed = start(run('undisturbed'), 'undisturbed')
    expect([await undisturbed.ended, undisturbed.lines.slice(-3)]).toEqual([0, expect.anything()])
    const trains = undisturbed.lines.some((line) => / task 2\/4 {2}epoch 1\//.test(line))

    const moment = trains ? / task 2\/4 {2}epoch 1\// : / task 1\/4 {2}accuracy /
    let killedAt: string | undefined
    const disturbed = start(run('disturbed'), 'disturbed', (line) => {
      if (killedAt !== undefined || !moment.test(line)) return
      killedAt = line
      disturbed.kill('SIGKILL')
    })
    expect(await disturbed.ended).toBeNull()
    const saved = (task: string) => existsSync(join(place, 'disturbed/run/tasks', task, 'task.json'))
    expect([saved('000'), saved('003')]).toEqual([true, false])

    const resumed = start(['resume', 'disturbed/run'], 'disturbed')
    expect([await resumed.ended, resumed.lines.slice(-3)]).toEqual([0, expect.anything()])
    const expected = await results(join(place, 'undisturbed'))
    expect(await results(join(place, 'disturbed'))).toEqual(expected)
    return { killedAt: killedAt!, files: Object.keys(expected).length }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}
