import type { LabeledImages } from '@pilotjs/core'
import { expect, it } from 'vitest'
import { seenImages } from './seen-images'

const images = (names: readonly string[], labels: readonly number[]) =>
  ({ length: names.length, labels: Int32Array.from(labels), key: (i: number) => names[i]! }) as LabeledImages
const recalled: [readonly string[], readonly number[]][] = []
const context = {
  recall: (keys: readonly string[], labels: ArrayLike<number>) => {
    recalled.push([keys, Array.from(labels)])
    return images(keys, Array.from(labels))
  },
}

it('recalls every image of every task, and comes back from its state', () => {
  const seen = seenImages()
  expect(() => seen.images(context)).toThrow('nothing to recall')
  seen.add({ train: images(['a', 'b'], [0, 1]) })
  seen.add({ train: images(['c'], [2]) })
  const copy = seenImages()
  copy.restore({}, JSON.parse(JSON.stringify(seen.json!())))
  for (const each of [seen, copy]) {
    expect(each.size).toBe(3)
    each.images(context)
    expect(recalled.pop()).toEqual([
      ['a', 'b', 'c'],
      [0, 1, 2],
    ])
  }
  for (const damaged of [undefined, { keys: ['a'], labels: [] }, { keys: [1], labels: [1] }])
    expect(() => copy.restore({}, damaged)).toThrow(/do not pair up/)
})
