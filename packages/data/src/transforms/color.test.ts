import { describe, expect, it } from 'vitest'
import { pattern } from '../__fixtures__/pattern'
import { digest, pillow } from '../__fixtures__/pillow'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './color'

const adjust = { brightness: adjustBrightness, contrast: adjustContrast, saturation: adjustSaturation, hue: adjustHue }

describe('colour adjustments', () => {
  it.each(pillow.color)('equal Pillow byte for byte: $adjust $factor', (sample) => {
    const out = adjust[sample.adjust](pattern(sample.width, sample.height), sample.factor)
    expect(digest(out, sample.expected)).toEqual(sample.expected)
  })

  it('refuse a hue turn of more than half a circle', () => {
    expect(() => adjustHue(pattern(4, 4), 0.6)).toThrow(/-0.5 … 0.5/)
  })
})
