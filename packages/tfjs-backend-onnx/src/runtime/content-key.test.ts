import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentKey } from './content-key'

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })

describe('contentKey', () => {
  it('is the same for the same content, wherever that lies', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const around = new Uint8Array(content.length + 8)
        around.set(content, 4)
        expect(contentKey(around.subarray(4, 4 + content.length))).toBe(contentKey(content))
      }),
    )
  })

  it('differs after one bit has changed, two words have changed places, or zeros were appended', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (content, bit) => {
        const changed = content.slice()
        changed[(bit >> 3) % content.length]! ^= 1 << (bit & 7)
        expect(contentKey(changed)).not.toBe(contentKey(content))
        expect(contentKey(Uint8Array.of(...content, 0))).not.toBe(contentKey(content))
      }),
    )
    expect(contentKey(Float32Array.of(1, 2, 3))).not.toBe(contentKey(Float32Array.of(2, 1, 3)))
  })

  it('knows no two equal keys among many arrays that differ little', () => {
    const keys = new Set(Array.from({ length: 20_000 }, (_, i) => contentKey(Float32Array.of(i, i & 1, 0))))
    expect(keys.size).toBe(20_000)
  })
})
