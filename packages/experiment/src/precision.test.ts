import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backbone, Precision } from '@pilotjs/core'
import { atPrecision, createVit, initVit } from '@pilotjs/core/backbones'
import { selectEngine } from '@pilotjs/core/node'
import { createRng } from '@pilotjs/core/random'
import { inMemoryDataset } from '@pilotjs/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resumeExperiment, runExperiment } from './run-experiment'

let folder = ''
const made: Backbone[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-precision-'))
  await selectEngine('onnx')
})
afterAll(async () => {
  for (const backbone of made) backbone.dispose()
  await rm(folder, { recursive: true, force: true })
})

function tinyAt(precision: Precision): Backbone {
  const tiny = { imageSize: 16, patchSize: 8, width: 64, depth: 1, heads: 1 }
  const backbone = atPrecision(
    createVit(tiny, initVit(tiny, createRng(1)), { name: 'tiny', fingerprint: 'one' }),
    precision,
  )
  made.push(backbone)
  return backbone
}

/** Four classes of noise around a grey each. */
const split = (perClass: number) => ({
  pixels: Uint8Array.from({ length: 4 * perClass * 768 }, (_, i) => 50 * (Math.floor(i / 768) % 4) + ((i * 31) % 47)),
  height: 16,
  width: 16,
  labels: Array.from({ length: 4 * perClass }, (_, i) => i % 4),
})
const data = inMemoryDataset({ name: 'greys', classNames: ['a', 'b', 'c', 'd'], train: split(3), test: split(1) })

const settings = (out: string, backbone: Backbone, precision?: Precision) =>
  ({ method: 'simplecil', data, backbone, increment: 2, engine: 'onnx', precision, out: join(folder, out) }) as const

async function goOn(out: string, backbone: Backbone): Promise<number[]> {
  const tasks: number[] = []
  for await (const { task } of resumeExperiment(join(folder, out), { data, backbone })) tasks.push(task)
  return tasks
}

it('is recorded in the run, which goes on at no other', async () => {
  const bytes = tinyAt('int8')
  for await (const { task } of runExperiment(settings('bytes', bytes))) if (task === 0) break
  const file = join(folder, 'bytes', 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as { provenance: object }
  expect(config).toMatchObject({ precision: 'int8', provenance: { precision: 'int8', backbone: 'one:int8' } })
  await expect(goOn('bytes', tinyAt('fp32'))).rejects.toThrow(/asks for precision int8.*is at fp32/)
  await writeFile(file, JSON.stringify({ ...config, precision: 'fp16' }))
  await expect(goOn('bytes', tinyAt('fp16'))).rejects.toMatchObject({
    code: 'precision-changed',
    facts: { began: 'int8', now: 'fp16' },
  })
  await writeFile(file, JSON.stringify(config))
  expect(await goOn('bytes', bytes)).toEqual([1])
})

it('is not taken up by a run of floats', async () => {
  for await (const { task } of runExperiment(settings('floats', tinyAt('fp32')))) if (task === 0) break
  expect(JSON.parse(await readFile(join(folder, 'floats', 'config.json'), 'utf8'))).not.toHaveProperty('precision')
  await expect(goOn('floats', tinyAt('int8'))).rejects.toThrow(/began at precision fp32, and the backbone is at int8/)
})

it('is refused where the backbone that is given has another, or its name is none', async () => {
  const begin = (precision: Precision) => runExperiment(settings('never', tinyAt('fp32'), precision)).next()
  await expect(begin('int8')).rejects.toMatchObject({ code: 'invalid-config', facts: { fields: ['precision'] } })
  await expect(begin('int9' as Precision)).rejects.toThrow(/did you mean "int8"/)
})
