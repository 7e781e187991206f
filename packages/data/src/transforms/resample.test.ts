import { describe, expect, it } from 'vitest'
import { pattern } from '../__fixtures__/pattern'
import { digest, pillow } from '../__fixtures__/pillow'
import { resample } from './resample'

describe('resample', () => {
  it.each(pillow.resample)('equals Pillow byte for byte: $width x $height, box $box to $to, $filter', (sample) => {
    const [left, top, width, height] = sample.box
    const out = resample(
      pattern(sample.width, sample.height),
      { left, top, width, height },
      ...sample.to,
      sample.filter,
    )
    expect(digest(out, sample.expected)).toEqual(sample.expected)
  })

  it('leaves the image it was given untouched', () => {
    const image = pattern(20, 10)
    const before = image.data.slice()
    resample(image, { left: 0, top: 0, width: 20, height: 10 }, 20, 10, 'bilinear').data.fill(0)
    expect(image.data).toEqual(before)
  })
})
