import '@tensorflow/tfjs-backend-cpu'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryFeatureCache } from '@pilotjs/core/features'
import * as coreNode from '@pilotjs/core/node'
import { digestStream } from '@pilotjs/data'
import { tinyLearner, tinyStream } from '@pilotjs/testing/tiny'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tinyConfig } from '../__fixtures__/tiny-config'
import type { RunMetrics } from './layout'
import { openRun } from './open-run'
import { runInDirectory } from './run-in-directory'
import type { OwnedRun } from './write-run'
import { createRun, resumeRun } from './write-run'

vi.mock(import('@pilotjs/core/node'), { spy: true })

let folder = ''
beforeEach(async () => {
  await tf.setBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'pilot-run-'))
})
afterEach(async () => {
  vi.mocked(coreNode.writeFileAtomic).mockReset()
  await rm(folder, { recursive: true, force: true })
})

const begin = async (path: string) => createRun(path, tinyConfig, await digestStream(tinyStream()))

async function go(run: OwnedRun, signal?: AbortSignal): Promise<RunMetrics> {
  const learner = tinyLearner({ epochs: 1 })
  try {
    return await runInDirectory({
      run,
      learner,
      stream: tinyStream(),
      preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
      features: memoryFeatureCache(),
      signal,
    })
  } finally {
    learner.dispose()
    await run.release()
  }
}

describe('a run directory', () => {
  it('holds config, metrics, and per task what came of it; the state of the last task alone', async () => {
    const path = join(folder, 'run')
    const metrics = await go(await begin(path))
    expect((await readdir(path)).sort()).toEqual(['config.json', 'metrics.json', 'stream.json', 'tasks'])
    expect(await readdir(join(path, 'tasks/000'))).toEqual(['task.json'])
    expect(await readdir(join(path, 'tasks/002'))).toEqual([
      'predictions.json',
      'state.json',
      'state.safetensors',
      'task.json',
    ])
    expect(metrics.complete).toBe(true)
    expect(metrics.summary).toMatchObject({ tasks: 3, classes: 6, trainableParameters: 288 })
    expect(JSON.parse(await readFile(join(path, 'metrics.json'), 'utf8'))).toEqual(metrics)

    const run = await openRun(path)
    expect(run.config).toMatchObject({ ...tinyConfig, format: 1 })
    expect(run.complete).toBe(true)
    const { predictions, mistakes, classNames } = await run.last()
    expect(classNames).toHaveLength(6)
    const wrong = predictions.labels.filter((label, index) => predictions.readings.head![index] !== label).length
    expect(mistakes).toHaveLength(wrong)
    for (const { image, label, predicted } of mistakes) {
      expect(image).toMatch(/^data:image\/png;base64,iVBOR/)
      expect(label).not.toBe(predicted)
    }
    const learner = tinyLearner()
    await run.restore(learner)
    expect(learner.state().tensors['fc.weight']!.shape).toEqual([6, 48])
    learner.dispose()
  })

  it('keeps what is saved when the disk is full, says so, and goes on from there', async () => {
    const path = join(folder, 'run')
    const expected = await go(await begin(join(folder, 'other')))
    const real = await vi.importActual<typeof coreNode>('@pilotjs/core/node')
    vi.mocked(coreNode.writeFileAtomic).mockImplementation(async (file, data) => {
      if (file.includes('.writing-001') && file.endsWith('state.json'))
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      await real.writeFileAtomic(file, data)
    })
    await expect(go(await begin(path))).rejects.toThrow(
      /cannot save task 2 in .*run: the disk is full: free some space \(safe so far: 1 of 3 tasks\)/,
    )
    expect(await readdir(join(path, 'tasks'))).toEqual(['000'])
    vi.mocked(coreNode.writeFileAtomic).mockImplementation(real.writeFileAtomic)
    const { summary, tasks } = await go(await resumeRun(path))
    expect({ summary, tasks }).toEqual({ summary: expected.summary, tasks: expected.tasks })
  })

  it('lets itself be stopped, and resumed', async () => {
    const stop = new AbortController()
    const path = join(folder, 'run')
    const run = await begin(path)
    const save = run.save.bind(run)
    run.save = async (...task) => {
      await save(...task)
      stop.abort(new Error('stopped'))
    }
    await expect(go(run, stop.signal)).rejects.toThrow('stopped')
    expect((await openRun(path)).records).toHaveLength(1)
    expect((await openRun(path)).complete).toBe(false)
    expect((await go(await resumeRun(path))).complete).toBe(true)
  })

  it('refuses a folder that is taken, in use, not writable or no run', async () => {
    const path = join(folder, 'run')
    const run = await begin(path)
    await expect(resumeRun(path)).rejects.toThrow(`in use by process ${process.pid}`)
    await run.release()
    await expect(begin(path)).rejects.toMatchObject({ code: 'run-exists', facts: { folder: path } })
    await writeFile(join(folder, 'file'), 'text')
    await expect(begin(folder)).rejects.toMatchObject({ code: 'folder-not-empty' })
    await expect(begin(join(folder, 'file', 'run'))).rejects.toThrow(/cannot write to .*a part of the path is a file/)
    await expect(openRun(join(folder, 'nowhere'))).rejects.toThrow('is no run: there is no')
    expect(await readdir(folder)).toEqual(['file', 'run'])
  })

  it('refuses a state of another format', async () => {
    const path = join(folder, 'run')
    await go(await begin(path))
    const file = join(path, 'tasks/002/task.json')
    const saved = JSON.parse(await readFile(file, 'utf8')) as { state: object }
    await writeFile(file, JSON.stringify({ ...saved, state: { ...saved.state, format: 2 } }))
    const learner = tinyLearner()
    await expect((await openRun(path)).restore(learner)).rejects.toMatchObject({
      code: 'state-format',
      facts: { format: 2, known: 1 },
    })
    learner.dispose()
  })

  it('stops with one error where its folder is removed or replaced meanwhile', async () => {
    for (const meanwhile of ['removed', 'replaced']) {
      const path = join(folder, meanwhile)
      const run = await begin(path)
      const save = run.save.bind(run)
      run.save = async (task, ...rest) => {
        if (task.record.task === 1) {
          await rm(path, { recursive: true })
          if (meanwhile === 'replaced') await mkdir(path)
        }
        await save(task, ...rest)
      }
      await expect(go(run)).rejects.toMatchObject({ code: 'run-gone', facts: { folder: path, task: 2, saved: 1 } })
      expect(await readdir(folder)).toEqual(meanwhile === 'removed' ? [] : ['replaced'])
    }
  })

  it('begins anew in a folder where a process was killed before it had begun', async () => {
    const path = join(folder, 'run')
    await mkdir(path)
    await writeFile(join(path, 'config.json.0f0f.tmp'), '{')
    expect((await go(await begin(path))).complete).toBe(true)
  })

  it('clears away, resumed, what a process left that was killed as it saved', async () => {
    const path = join(folder, 'run')
    await go(await begin(path))
    await mkdir(join(path, 'tasks', '.writing-003'))
    for (const left of ['metrics.json.0f0f.tmp', 'tasks/001/state.safetensors', 'tasks/.writing-003/task.json'])
      await writeFile(join(path, left), 'half')
    const run = await resumeRun(path)
    await run.release()
    expect((await readdir(path)).sort()).toEqual(['config.json', 'metrics.json', 'stream.json', 'tasks'])
    expect((await readdir(join(path, 'tasks'))).sort()).toEqual(['000', '001', '002'])
    expect(await readdir(join(path, 'tasks', '001'))).toEqual(['task.json'])
    expect(await readdir(join(path, 'tasks', '002'))).toContain('state.safetensors')
  })

  it('names a file that is damaged', async () => {
    const path = join(folder, 'run')
    await go(await begin(path))
    const learner = tinyLearner()
    const restore = async () => (await openRun(path)).restore(learner)
    const config = join(path, 'config.json')
    for (const name of ['state.safetensors', 'state.json', 'predictions.json']) {
      const file = join(path, 'tasks/002', name)
      const whole = await readFile(file)
      const flipped = Uint8Array.from(whole)
      flipped[whole.length - 3]! ^= 1
      for (const damaged of [flipped, whole.subarray(0, 20)]) {
        await writeFile(file, damaged)
        const read = name === 'predictions.json' ? (await openRun(path)).last() : restore()
        await expect(read).rejects.toMatchObject({ code: 'damaged-run', facts: { file, config } })
      }
      await writeFile(file, whole)
    }
    await restore()
    const task = join(path, 'tasks/001/task.json')
    const saved = JSON.parse(await readFile(task, 'utf8')) as { record: object }
    await writeFile(task, JSON.stringify({ ...saved, record: { ...saved.record, classesAfter: 'four' } }))
    await expect(openRun(path)).rejects.toMatchObject({
      code: 'damaged-run',
      facts: { file: task, fields: ['record.classesAfter'] },
    })
    await writeFile(task, '{')
    await expect(openRun(path)).rejects.toThrow(/cannot read .*001\/task\.json/)
    await writeFile(join(path, 'config.json'), '{"method":"x"}')
    await expect(openRun(path)).rejects.toThrow(/config\.json is not a run's config:[^]*data/)
    learner.dispose()
  })
})
