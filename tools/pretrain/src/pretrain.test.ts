import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '@pilotjs/core/random'
import { readSafetensors } from '@pilotjs/core/safetensors'
import { selectEngine } from '@pilotjs/core/node'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import type { ImagePack, PackedSplit } from '@pilotjs/icons-100'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from './checkpoint'
import { pretrain } from './pretrain'
import type { PretrainOptions } from './pretrain'
import { ICON_RECIPE, learningRateAt } from './recipe'
import type { Recipe } from './recipe'

const CONCEPTS = 12

/** Concepts are two bars, a horizontal and a vertical one, at places of their own; drawings differ in width and shift. */
function bars(length: number, seed: number): PackedSplit {
  const rng = createRng(seed)
  const images = new Uint8Array(length * IMAGE_BYTES).fill(255)
  const labels = Int32Array.from({ length }, (_, i) => i % CONCEPTS)
  for (let i = 0; i < length; i++) {
    const [row, column] = [4 + 8 * (labels[i]! % 3), 2 + 7 * Math.floor(labels[i]! / 3)]
    const shift = rng.int(2)
    const width = 3 + rng.int(3)
    for (let p = 0; p < 1024; p++) {
      const [dy, dx] = [Math.floor(p / 32) - row - shift, (p % 32) - column - shift]
      if ((dy >= 0 && dy < width) || (dx >= 0 && dx < width)) {
        images.fill(0, i * IMAGE_BYTES + 3 * p, i * IMAGE_BYTES + 3 * p + 3)
      }
    }
  }
  return { length, images, labels, domains: new Uint8Array(length), sets: Uint16Array.from(labels, (_, i) => i % 5) }
}

const corpus: ImagePack = {
  classNames: Array.from({ length: CONCEPTS }, (_, i) => `concept ${i}`),
  sets: [],
  splits: { train: bars(96, 1), validation: bars(36, 2) },
}

const recipe: Recipe = {
  ...ICON_RECIPE,
  model: { imageSize: 32, patchSize: 8, width: 16, depth: 1, heads: 2 },
  batchSize: 16,
  keptPatches: 12,
  roundSteps: 4,
  learningRate: 8e-3,
  conceptWeight: 0,
  // hardly any: here places tell concepts apart, which turns and shifts change
  augmentation: 0.02,
  budget: { epochs: 16 },
}

describe('pretrain', () => {
  let folder: string
  beforeAll(async () => {
    await selectEngine('auto')
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pretrain-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const options = (name: string, changes: Partial<PretrainOptions> = {}): PretrainOptions => ({
    folder: join(folder, name),
    corpus,
    recipe,
    validateEvery: 12,
    probe: { train: bars(60, 3), test: bars(60, 4), classes: CONCEPTS },
    probeEvery: 12,
    print: () => undefined,
    ...changes,
  })
  const weightsIn = async (name: string) => {
    const tensors = readSafetensors(await readFile(join(folder, name, 'checkpoint.safetensors')))
    const values = Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, [...tensor.dataSync()]]))
    tf.dispose(tensors as Record<string, tf.Tensor>)
    return values
  }

  it('learns, and logs loss, held-out accuracy and what the features are good for', async () => {
    const before = tf.memory().numTensors
    const state = await pretrain(options('a'))
    expect(state.step).toBe(96)
    expect(tf.memory().numTensors).toBe(before)
    const lines = (await readFile(join(folder, 'a/log.jsonl'), 'utf8')).trim().split('\n')
    const log = lines.map((line) => JSON.parse(line) as Record<string, number>)
    expect(log.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => 4 * (i + 1)))
    const atTheEnd = log.slice(-4).reduce((sum, { loss }) => sum + loss! / 4, 0)
    expect(atTheEnd).toBeLessThan(log[0]!.loss! - 0.3)
    // twelve concepts: chance is 0.08
    expect(log.at(-1)!.validationAccuracy).toBeGreaterThan(0.4)
    expect(log.at(-1)!.simpleCilAccuracy).toBeGreaterThan(0.4)
    expect(log[0]!.validationAccuracy).toBeUndefined()
  })

  it.each([0, 1])(
    'goes on after a stop with the same numbers as without one (concept weight %d)',
    async (conceptWeight) => {
      const short = { recipe: { ...recipe, conceptWeight, budget: { epochs: 1.3 } } }
      await pretrain(options('whole', short))
      const stop = new AbortController()
      const stopped = options('halves', {
        ...short,
        signal: stop.signal,
        print: (line) => {
          if (line.includes('"step":4')) stop.abort(new Error('stopped'))
        },
      })
      await expect(pretrain(stopped)).rejects.toThrow('stopped')
      expect((await pretrain(options('halves', short))).step).toBe(8)
      expect(await weightsIn('halves')).toEqual(await weightsIn('whole'))
    },
  )

  it('begins with weights that it is given, and counts their steps', async () => {
    const short = { recipe: { ...recipe, budget: { epochs: 0.5 } } }
    await pretrain(options('first', short))
    const { weights } = (await readCheckpoint(join(folder, 'first/checkpoint.safetensors')))!
    const after = await pretrain(
      options('second', {
        recipe: { ...recipe, learningRate: 0, budget: { epochs: 0.5 } },
        start: { weights, model: recipe.model, steps: 3 },
      }),
    )
    expect(after).toMatchObject({ step: 3, earlierSteps: 3 })
    const [first, second] = [await weightsIn('first'), await weightsIn('second')]
    for (const name of Object.keys(first).filter((name) => !name.startsWith('optimizer.')))
      expect(second[name]).toEqual(first[name])
  })

  it('tells concepts apart with vectors that begin where the weights see them', async () => {
    await pretrain(options('pairs', { recipe: { ...recipe, budget: { epochs: 4 } } }))
    const { weights } = (await readCheckpoint(join(folder, 'pairs/checkpoint.safetensors')))!
    const lines: string[] = []
    await pretrain(
      options('both', {
        recipe: { ...recipe, conceptWeight: 1, learningRate: 0, budget: { epochs: 0.5 } },
        start: { weights, model: recipe.model, steps: 24 },
        print: (line) => lines.push(line),
      }),
    )
    const values = await weightsIn('both')
    const proxies = values['concepts.weight']!
    expect(proxies).toHaveLength(CONCEPTS * recipe.model.width)
    const lengths = Array.from({ length: CONCEPTS }, (_, i) => Math.hypot(...proxies.slice(16 * i, 16 * (i + 1))))
    for (const length of lengths) expect(length).toBeCloseTo(1, 4)
    // learned from pairs alone, the means already tell concepts apart: less than two losses of chance
    expect((JSON.parse(lines.at(-1)!) as { loss: number }).loss).toBeLessThan(Math.log(15) + Math.log(CONCEPTS))
  })

  it('refuses a folder that belongs to another corpus', async () => {
    await pretrain(options('a', { recipe: { ...recipe, budget: { epochs: 0.5 } } }))
    const other = { ...corpus, classNames: ['one', 'two', 'three'] }
    await expect(pretrain(options('a', { corpus: other }))).rejects.toThrow('trained on 12 concepts')
    const file = join(folder, 'a/checkpoint.safetensors')
    const older = Object.fromEntries(Object.entries(recipe).filter(([name]) => name !== 'temperature'))
    await expect(pretrain(options('a', { recipe: older as unknown as Recipe }))).rejects.toThrow(
      `${file} was made by another recipe`,
    )
  })

  it('says when there are too few images', async () => {
    const few = { ...corpus, splits: { ...corpus.splits, train: bars(14, 1) } }
    await expect(pretrain(options('few', { corpus: few }))).rejects.toThrow('takes 8 concepts with two drawings each')
  })
})

describe('learningRateAt', () => {
  it('rises to the rate, then falls to zero', () => {
    expect(learningRateAt(recipe, 0)).toBe(0)
    expect(learningRateAt(recipe, recipe.warmup)).toBeCloseTo(recipe.learningRate)
    expect(learningRateAt(recipe, 0.52)).toBeCloseTo(recipe.learningRate / 2)
    expect(learningRateAt(recipe, 1)).toBeCloseTo(0)
  })
})
