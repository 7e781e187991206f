import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeImagePack, encodeImagePack, IMAGE_BYTES, quantise } from './image-pack'
import type { ImagePack } from './image-pack'

function pack(): ImagePack {
  const images = new Uint8Array(3 * IMAGE_BYTES)
  // grey, colour, and grey again: planes of different length follow each other
  for (let p = 0; p < IMAGE_BYTES; p++) {
    images[p] = quantise((Math.floor(p / 3) * 7) % 256)
    images[IMAGE_BYTES + p] = quantise((p * 13) % 256)
    images[2 * IMAGE_BYTES + p] = 255
  }
  const set = { prefix: 'a', name: 'A', author: 'B', licence: 'MIT', url: 'https://example.org', family: 'a' }
  return {
    classNames: ['x', 'y'],
    sets: [set, { ...set, prefix: 'é' }],
    splits: {
      train: {
        length: 3,
        images,
        labels: Int32Array.of(0, 1, 1),
        domains: Uint8Array.of(0, 3, 1),
        sets: Uint16Array.of(1, 0, 1),
      },
      test: {
        length: 0,
        images: new Uint8Array(0),
        labels: new Int32Array(0),
        domains: new Uint8Array(0),
        sets: new Uint16Array(0),
      },
    },
  }
}

const compress = (parts: Uint8Array[]) => gzipSync(Buffer.concat(parts))

describe('image pack', () => {
  it('gives back what was written', () => {
    expect(decodeImagePack(compress(encodeImagePack(pack())))).toEqual(pack())
  })

  it('keeps other values to the nearest of 16 levels', () => {
    const original = pack()
    original.splits.train!.images.set([100, 100, 100])
    const back = decodeImagePack(compress(encodeImagePack(original)))
    expect(back.splits.train!.images[0]).toBe(quantise(100))
    expect(Math.abs(quantise(100) - 100)).toBeLessThanOrEqual(8)
  })

  it('refuses other files and files cut short', () => {
    const bytes = compress(encodeImagePack(pack()))
    expect(() => decodeImagePack(Uint8Array.of(1, 2, 3))).toThrow('not gzip')
    expect(() => decodeImagePack(compress([Uint8Array.of(1)]))).toThrow('header is cut short')
    expect(() => decodeImagePack(bytes.subarray(0, bytes.length / 2))).toThrow('cut short or damaged')
    const parts = encodeImagePack(pack())
    expect(() => decodeImagePack(compress(parts.slice(0, -5)))).toThrow('cut short')
    const text = Buffer.from(JSON.stringify({ format: 'another' }))
    expect(() => decodeImagePack(compress([Uint8Array.of(text.length, 0, 0, 0), text]))).toThrow('format is another')
  })
})
