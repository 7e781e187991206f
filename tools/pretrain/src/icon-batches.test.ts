import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import { IMAGE_BYTES } from '@pilotjs/icons-100'
import type { PackedSplit } from '@pilotjs/icons-100'
import { beforeAll, describe, expect, it } from 'vitest'
import { batchMaker, drawingsByConcept, plainBatches } from './icon-batches'
import { ICON_RECIPE } from './recipe'
import type { Recipe } from './recipe'

/** Forty concepts with one to six drawings, every other drawing of another set. */
function split(): PackedSplit {
  const labels = Int32Array.from(Array.from({ length: 40 }, (_, c) => new Array<number>(1 + (c % 6)).fill(c)).flat())
  const { length } = labels
  const images = Uint8Array.from({ length: length * IMAGE_BYTES }, (_, p) => Math.floor(p / IMAGE_BYTES))
  return { length, labels, images, domains: new Uint8Array(length), sets: Uint16Array.from(labels, (_, i) => i % 2) }
}

const recipe: Recipe = { ...ICON_RECIPE, batchSize: 16, conceptWeight: 0, budget: { epochs: 1 } }

describe('batchMaker', () => {
  beforeAll(async () => {
    await selectEngine('cpu')
  })

  it('gives two different drawings each of different concepts, mostly of different sets', () => {
    const data = split()
    const maker = batchMaker(data, recipe, createRng(1))
    let different = 0
    for (let step = 0; step < 30; step++) {
      const batch = maker.at(step, 0.9)
      const labels = [...batch.labels.dataSync()]
      expect(labels.slice(0, 8)).toEqual(labels.slice(8))
      expect(new Set(labels).size).toBe(8)
      for (let i = 0; i < 8; i++) {
        const [one, other] = [batch.positions[i]!, batch.positions[i + 8]!]
        expect(one).not.toBe(other)
        if (data.sets[one] !== data.sets[other]) different++
      }
      expect(batch.kept).toBeUndefined()
      batch.dispose()
    }
    expect(different / (30 * 8)).toBeGreaterThan(0.8)
  })

  it('gives the same batch for the same step, and drops patches while it is time', () => {
    const one = batchMaker(split(), recipe, createRng(1)).at(7, 0.5)
    const maker = batchMaker(split(), recipe, createRng(1))
    maker.at(3, 0.5).dispose()
    const again = maker.at(7, 0.5)
    expect([...again.positions]).toEqual([...one.positions])
    expect([...again.images.dataSync()]).toEqual([...one.images.dataSync()])
    expect(again.kept!.size).toBe(16 * (1 + recipe.keptPatches))
    one.dispose()
    again.dispose()
  })

  it('says when there are too few concepts', () => {
    expect(() => batchMaker(split(), { ...recipe, batchSize: 96 }, createRng(1))).toThrow('takes 48 concepts')
  })
})

describe('plainBatches', () => {
  it('gives the asked-for images once and in order', () => {
    const data = split()
    const asked = Int32Array.of(5, 3, 9)
    const seen = [...plainBatches(data, asked, 2)].map((batch) => {
      const values = batch.images.dataSync()
      const first = Array.from(batch.positions, (_, i) => Math.round((values[i * IMAGE_BYTES]! + 1) * 127.5))
      batch.dispose()
      return first
    })
    expect(seen).toEqual([[5, 3], [9]])
    expect(drawingsByConcept(data)[2]).toEqual([3, 4, 5])
  })
})
