import { arrayImages } from '@pilotjs/core/images'
import { expect, it } from 'vitest'
import { median } from './measure'
import { withWaiting } from './waiting'

const images = arrayImages({ values: new Float32Array(5 * 2 * 2 * 3), size: [2, 2], labels: [0, 1, 2, 3, 4] })

it('hands on the same batches and counts them', async () => {
  const waiting = { milliseconds: 0, batches: 0 }
  const wrapped = withWaiting(images, waiting)
  const seen: number[][] = []
  for await (const batch of wrapped
    .select([4, 2, 0])
    .concat(wrapped.select([1]))
    .batches({ size: 3, view: 'train' })) {
    seen.push([...batch.labels.dataSync()])
    batch.dispose()
  }
  expect(seen).toEqual([[4, 2, 0], [1]])
  expect(waiting.batches).toBe(2)
  expect(waiting.milliseconds).toBeGreaterThan(0)
})

it('median: the middle, the lower one of two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2)
  expect(() => median([])).toThrow(RangeError)
})
