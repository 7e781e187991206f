import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pattern } from '../__fixtures__/pattern'
import { digest, pillow } from '../__fixtures__/pillow'
import { resample } from './resample'
import { passesOf } from './resample-passes'
import type { Passes } from './resample-passes'
import { plainPasses } from './resample-plain'
import { vectorPasses } from './resample-vectors'

const ways = { vectors: vectorPasses, plain: plainPasses }

describe('resample', () => {
  it.each(pillow.resample)('equals Pillow byte for byte: $width x $height, box $box to $to, $filter', (sample) => {
    const [left, top, width, height] = sample.box
    const image = pattern(sample.width, sample.height)
    const box = { left, top, width, height }
    const out = resample(image, box, ...sample.to, sample.filter)
    expect(digest(out, sample.expected)).toEqual(sample.expected)
    const all = { left: 0, top: 0, width: sample.to[0], height: sample.to[1] }
    for (const make of Object.values(ways)) {
      const made = make(passesOf(image, box, sample.to, sample.filter, all))
      if (made) expect(digest(made, sample.expected)).toEqual(sample.expected)
    }
  })

  it('leaves the image it was given untouched', () => {
    const image = pattern(20, 10)
    const before = image.data.slice()
    resample(image, { left: 0, top: 0, width: 20, height: 10 }, 20, 10, 'bilinear').data.fill(0)
    expect(image.data).toEqual(before)
  })
})

describe('the passes in vectors', () => {
  const agree = (passes: Passes) => {
    const made = vectorPasses(passes)
    const isCopy = !passes.across && !passes.down
    expect(made === undefined).toBe(isCopy)
    if (made) expect(made).toEqual(plainPasses(passes))
  }
  /** Black and white by turns, in blocks: sums overshoot both ways. */
  const contrast = (width: number, height: number) => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
      Math.imul(i + 7, 2654435761) >>> 29 > 3 ? 255 : 0,
    ),
  })

  it('give the bytes of the plain ones, whatever box, window and size', () => {
    const side = fc.integer({ min: 1, max: 90 })
    const part = fc.float({ min: 0, max: 1, noNaN: true })
    const within = (length: number, from: number, to: number) => {
      const [low, high] = [Math.min(from, to), Math.max(from, to)]
      const first = Math.min(length - 1, Math.floor(low * length))
      return [first, Math.max(1, Math.ceil(high * length) - first)] as const
    }
    fc.assert(
      fc.property(
        fc.tuple(side, side, side, side),
        fc.array(part, { minLength: 8, maxLength: 8 }),
        fc.constantFrom('bilinear', 'bicubic'),
        ([width, height, toWidth, toHeight], p, filter) => {
          const boxIn = (w: number, h: number, at: number) => {
            const [left, boxWidth] = within(w, p[at]!, p[at + 1]!)
            const [top, boxHeight] = within(h, p[at + 2]!, p[at + 3]!)
            return { left, top, width: boxWidth, height: boxHeight }
          }
          const window = boxIn(toWidth, toHeight, 4)
          agree(passesOf(contrast(width, height), boxIn(width, height, 0), [toWidth, toHeight], filter, window))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('go through large images a piece at a time, and leave enormous ones alone', () => {
    const all = (width: number, height: number) => ({ left: 0, top: 0, width, height })
    const large = pattern(1200, 700)
    agree(passesOf(large, all(1200, 700), [150, 88], 'bicubic', all(150, 88)))
    const tall = pattern(1, 30_000)
    expect(vectorPasses(passesOf(tall, all(1, 30_000), [800, 30_001], 'bilinear', all(800, 30_001)))).toBeUndefined()
  })
})
