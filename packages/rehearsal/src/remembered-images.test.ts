import { expect, it } from 'vitest'
import { exemplarMemory } from './exemplar-memory'
import { rememberedImages } from './remembered-images'
import { seenImages } from './seen-images'

it('counts what the parts of a learner have saved of images', () => {
  const seen = seenImages()
  const train = { length: 3, key: (i: number) => `image ${i}`, labels: Int32Array.from([0, 0, 1]) }
  seen.add({ train: train as never })
  const memory = exemplarMemory({ total: 4 })
  memory.restore({}, { exemplars: [['a', 'b'], ['c']] })
  expect(rememberedImages(memory.json!())).toBe(3)
  expect(
    rememberedImages({ 'net.heads': { note: 'none' }, memory: memory.json!(), deep: { seen: seen.json!() } }),
  ).toBe(6)
  expect(rememberedImages(undefined)).toBe(0)
  expect(rememberedImages({ labels: [1, 2], keys: 'none' })).toBe(0)
})
