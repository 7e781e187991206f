import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import simplecil from '@pilotjs/simplecil'
import type { Backbone } from '@pilotjs/core'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { inMemoryDataset } from '@pilotjs/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ExperimentError } from './experiment-error'
import { openRun } from './run-directory/open-run'
import { predictImages } from './predict'
import { experimentEvents, resumeExperiment, resumedEvents, runExperiment } from './run-experiment'

let folder = ''
let backbone: Backbone
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-experiment-'))
  const tiny = { imageSize: 16, patchSize: 8, width: 64, depth: 1, heads: 1 }
  backbone = createVit(tiny, initVit(tiny, createRng(1)), { name: 'tiny' })
})
afterAll(async () => {
  backbone.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Six classes of plain colours with a stripe each. */
const split = (perClass: number) => ({
  pixels: Uint8Array.from({ length: 6 * perClass * 16 * 16 * 3 }, (_, i) => {
    const image = Math.floor(i / 768)
    const row = Math.floor((i % 768) / 48)
    return (row < 2 * ((image % 6) + 1) ? 40 * (image % 6) : 200) + ((i * 7 + image) % 13)
  }),
  height: 16,
  width: 16,
  labels: Array.from({ length: 6 * perClass }, (_, i) => i % 6),
})
const dataset = inMemoryDataset({
  name: 'stripes',
  classNames: ['a', 'b', 'c', 'd', 'e', 'f'],
  train: split(4),
  test: split(2),
})
const settings = (out: string) => ({
  method: 'simplecil',
  data: dataset,
  backbone,
  increment: 2,
  engine: 'cpu',
  out: join(folder, out),
})

it('tells each task as it is finished and saved, and at the end the metrics', async () => {
  const run = runExperiment(settings('whole'))
  const seen: number[] = []
  let metrics
  for (;;) {
    const { done, value } = await run.next()
    if (done) {
      metrics = value
      break
    }
    expect((await openRun(join(folder, 'whole'))).records).toHaveLength(value.task + 1)
    expect(value).toMatchObject({ tasks: 3, accuracy: value.record.accuracy })
    seen.push(value.accuracy)
  }
  expect(seen).toEqual(metrics.summary!.curve)
  expect(JSON.parse(await readFile(join(folder, 'whole', 'metrics.json'), 'utf8'))).toEqual(metrics)
  expect((await openRun(join(folder, 'whole'))).config).toMatchObject({
    method: 'simplecil',
    data: { name: 'stripes' },
  })
})

it('stops when the loop is left, and goes on to the same end', async () => {
  const out = settings('left')
  for await (const { task } of runExperiment(out)) if (task === 0) break
  expect((await openRun(out.out)).records).toHaveLength(1)
  const tasks: number[] = []
  for await (const { task } of resumeExperiment(out.out, { method: simplecil, data: dataset, backbone }))
    tasks.push(task)
  expect(tasks).toEqual([1, 2])
  const [left, whole] = [await openRun(out.out), await openRun(join(folder, 'whole'))]
  expect([left.complete, left.records]).toEqual([true, whole.records])
})

it('refuses to go on with other data, and names what differs', async () => {
  const out = settings('other-data')
  for await (const { task } of runExperiment(out)) if (task === 0) break
  const resumed = async (data: typeof dataset) => {
    for await (const { task } of resumeExperiment(out.out, { method: simplecil, data, backbone }))
      expect(task).toBeUndefined()
  }
  const renamed = { ...dataset, classNames: ['a', 'b', 'c', 'd', 'e', 'x'] }
  await expect(resumed(renamed)).rejects.toMatchObject({
    code: 'data-changed',
    facts: { differences: ["class 'f' is no longer there", "class 'x' was not there"] },
  })
  const replaced = inMemoryDataset({
    ...dataset,
    train: { ...split(4), pixels: split(4).pixels.map((v) => v ^ 1) },
    test: split(2),
  })
  await expect(resumed(replaced)).rejects.toThrow(/began with other data: class '.', task 1: its training images/)
  expect((await openRun(out.out)).records).toHaveLength(1)
})

it('tells every step where it is asked to', async () => {
  const kinds: string[] = []
  for await (const { kind } of experimentEvents(settings('events'))) kinds.push(kind)
  expect(kinds[0]).toBe('begun')
  expect(kinds.filter((kind) => kind === 'scored')).toHaveLength(3)
  expect(kinds).toContain('scoring')
})

it('checks everything before anything is written', async () => {
  const events = async (over: object) => {
    for await (const task of runExperiment({ ...settings('never'), ...over })) expect(task).toBeUndefined()
  }
  await expect(events({ options: { nothing: 1 } })).rejects.toMatchObject({ code: 'invalid-options' })
  await expect(events({ baseClasses: 7 })).rejects.toMatchObject({ code: 'stream-option', option: 'baseClasses' })
  await expect(events({ method: 'simplecli' })).rejects.toMatchObject({
    code: 'unknown-package',
    facts: { nearest: 'simplecil' },
  })
  await expect(openRun(join(folder, 'never'))).rejects.toBeInstanceOf(ExperimentError)
})

it('names images by what was learned', async () => {
  const [wrong] = await predictImages(join(folder, 'whole'), ['nowhere.png'], { backbone, method: simplecil })
  expect(wrong).toMatchObject({ image: 'nowhere.png', error: expect.stringContaining('nowhere.png') as string })
})

it('turns the images that it is given as they say they are to be', async () => {
  // The same pixels, said to be turned in two ways.
  const files = [3, 6].map((orientation) =>
    fileURLToPath(new URL(`../../data/src/__fixtures__/turned-${orientation}.jpg`, import.meta.url)),
  )
  const [first, second] = await predictImages(join(folder, 'whole'), files, { backbone, method: simplecil })
  expect(first).toMatchObject({ top: expect.anything() as unknown })
  expect({ ...first, image: '' }).not.toEqual({ ...second, image: '' })
})

it('notes, resuming and predicting, packages of another version than the run was made with', async () => {
  const leaving = runExperiment(settings('older'))
  for await (const { task } of leaving) if (task === 0) break
  const file = join(folder, 'older', 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as { provenance: { packages: Record<string, string> } }
  const { packages } = config.provenance
  expect(Object.keys(packages)).toEqual(['@pilotjs/simplecil', '@pilotjs/core', '@tensorflow/tfjs-backend-cpu'])
  const now = { ...packages }
  packages['@pilotjs/simplecil'] = packages['@tensorflow/tfjs-backend-cpu'] = '0.0.1'
  await writeFile(file, JSON.stringify(config))
  const expected = ['@pilotjs/simplecil', '@tensorflow/tfjs-backend-cpu'].map(
    (name) => `${name} is ${now[name]!}; the run was made with 0.0.1`,
  )
  const told: string[] = []
  for await (const event of resumedEvents(join(folder, 'older'), { data: dataset, backbone }))
    if (event.kind === 'note') told.push(event.message)
  expect(told).toEqual(expected)
  const notes: string[] = []
  await predictImages(join(folder, 'older'), [], { backbone, onNote: (note) => notes.push(note) })
  expect(notes).toEqual(expected)
})

it('refuses to go on with, or to predict by, a state of another format', async () => {
  const leaving = runExperiment(settings('format'))
  for await (const { task } of leaving) if (task === 0) break
  const file = join(folder, 'format', 'tasks', '000', 'task.json')
  const saved = JSON.parse(await readFile(file, 'utf8')) as { state: object }
  await writeFile(file, JSON.stringify({ ...saved, state: { ...saved.state, format: 99 } }))
  const refusal = { code: 'state-format', facts: { format: 99 } }
  await expect(predictImages(join(folder, 'format'), [], { backbone })).rejects.toMatchObject(refusal)
  const resuming = resumeExperiment(join(folder, 'format'), { data: dataset, backbone })
  await expect(resuming.next()).rejects.toMatchObject(refusal)
})
