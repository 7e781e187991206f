import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunMetrics } from './layout'
import { resumeRun } from './write-run'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const packages = join(packageFolder, '..')
// Beside the package's own modules, so that the child finds what is not bundled.
const built = join(packageFolder, 'node_modules', '.cache', 'resume-test')
const child = join(built, 'run-child.mjs')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-resume-'))
  await mkdir(built, { recursive: true })
  await build({
    entryPoints: [join(packageFolder, 'src/__fixtures__/run-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias: {
      '@pilotjs/core/node': join(packages, 'core/src/node.ts'),
      '@pilotjs/core': join(packages, 'core/src'),
      '@pilotjs/eval': join(packages, 'eval/src/index.ts'),
    },
    external: ['@tensorflow/*', '@pilotjs/data', '@pilotjs/tfjs-backend-onnx', 'sharp', 'zod', 'leven'],
    logLevel: 'error',
  })
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(built, { recursive: true, force: true })
})

/** Runs the child to its end; `killAfter` milliseconds of learning it is killed from outside. */
function start(args: readonly string[], onLearning?: (kill: () => void) => void) {
  return new Promise<{ signal: NodeJS.Signals | null; errors: string }>((resolve, reject) => {
    const running = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    running.stderr.on('data', (text: Buffer) => (errors += text.toString()))
    running.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('learning')) onLearning?.(() => running.kill('SIGKILL'))
    })
    running.on('error', reject)
    running.on('close', (_, signal) => resolve({ signal, errors }))
  })
}

/** What must not depend on interruptions: all of the metrics but the costs. */
async function outcome(run: string): Promise<Omit<RunMetrics, 'costs'>> {
  const { costs, ...rest } = JSON.parse(await readFile(join(run, 'metrics.json'), 'utf8')) as RunMetrics
  expect(costs).toHaveLength(3)
  return rest
}

describe('a run that is killed', () => {
  it('ends, resumed, with the metrics and the learner of an uninterrupted one', async () => {
    const whole = join(folder, 'whole')
    expect(await start(['create', whole])).toEqual({ signal: null, errors: '' })
    const expected = await outcome(whole)
    expect(expected.complete).toBe(true)

    const broken = join(folder, 'broken')
    // In the first task (nothing saved), as task 0 is saved, in the middle of task 1, as task 2 is saved.
    const kills = ['step 2', 'save 0', 'step 7', 'step 1', 'save 2']
    for (const [index, kill] of kills.entries())
      expect(await start([index === 0 ? 'create' : 'resume', broken, kill])).toMatchObject({ signal: 'SIGKILL' })
    expect(await readdir(join(broken, 'tasks'))).toContain('.writing-002')
    expect(await start(['resume', broken])).toEqual({ signal: null, errors: '' })

    expect(await outcome(broken)).toEqual(expected)
    const state = 'tasks/002/state.safetensors'
    expect((await readFile(join(broken, state))).equals(await readFile(join(whole, state)))).toBe(true)
    expect(await readdir(join(broken, 'tasks'))).toEqual(['000', '001', '002'])

    // Resuming what is complete changes nothing.
    expect(await start(['resume', broken])).toEqual({ signal: null, errors: '' })
    expect(await outcome(broken)).toEqual(expected)
  })

  it('is not entered by a second process while the first lives', async () => {
    const held = join(folder, 'held')
    let refusal: unknown
    const { signal } = await start(['create', held, 'hold'], (kill) => {
      void resumeRun(held)
        .catch((error: unknown) => (refusal = error))
        .finally(kill)
    })
    expect(signal).toBe('SIGKILL')
    expect(String(refusal)).toMatch(/held is in use by process \d+: wait for it, or stop it first/)
    const run = await resumeRun(held)
    await run.release()
  })
})
