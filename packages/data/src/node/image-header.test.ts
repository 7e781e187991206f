import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, imageFormat } from './image-format'
import { jpegHeader, pngHeader, tiffLuma } from './image-header'

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../__fixtures__/${name}`, import.meta.url)))
const formatOf = (name: string) => imageFormat(fixture(name).subarray(0, formatBytes))?.name

describe('jpegHeader', () => {
  it('finds size and components, behind whatever stands before them', () => {
    expect(jpegHeader(fixture('progressive.jpg'))).toEqual({ width: 64, height: 48, components: 3 })
    expect(jpegHeader(fixture('grey.jpg'))?.components).toBe(1)
    expect(jpegHeader(fixture('cmyk.jpg'))?.components).toBe(4)
    // Orientation stands in a segment of its own before the frame's.
    expect(jpegHeader(fixture('turned-6.jpg'))).toMatchObject({ width: 24, height: 16 })
    expect(jpegHeader(fixture('color.jpg').subarray(0, 100))).toBeUndefined()
  })
})

describe('pngHeader', () => {
  it('finds the sides, and leaves what is cut off or no header to others', () => {
    const png = fixture('palette.png')
    const view = new DataView(png.buffer, png.byteOffset)
    expect(pngHeader(png)).toEqual({ width: view.getUint32(16), height: view.getUint32(20) })
    expect(pngHeader(png)!.width).toBeGreaterThan(1)
    expect(pngHeader(png.subarray(0, 32))).toBeUndefined()
    const other = png.slice()
    other[12] = 0x4a
    expect(pngHeader(other)).toBeUndefined()
    expect(pngHeader(png.slice().fill(0, 16, 20))).toBeUndefined()
  })
})

describe('tiffLuma', () => {
  it('tells luma and chroma from other colours, in either byte order', () => {
    expect(tiffLuma(fixture('ycbcr.tif'))).toEqual({ subsampled: false })
    expect(tiffLuma(fixture('cmyk.tif'))).toBeUndefined()
    // Big-endian: one directory of two entries, PhotometricInterpretation 6 and YCbCrSubSampling 2, 2.
    const entry = (tag: number, count: number, a: number, b: number) => [
      tag >> 8,
      tag & 255,
      0,
      3,
      0,
      0,
      0,
      count,
      0,
      a,
      0,
      b,
    ]
    const file = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 2, ...entry(262, 1, 6, 0), ...entry(530, 2, 2, 2)]
    expect(tiffLuma(Uint8Array.from(file))).toEqual({ subsampled: true })
  })
})

describe('imageFormat', () => {
  it.each([
    ['color.jpg', 'JPEG'],
    ['alpha.png', 'PNG'],
    ['lossless.webp', 'WebP'],
    ['cmyk.tif', 'TIFF'],
    ['pillow.json', undefined],
  ])('tells %s', (name, format) => {
    expect(formatOf(name)).toBe(format)
  })

  it('tells AVIF from HEIC by the brands, and text from images', () => {
    const media = (...brands: string[]) =>
      Uint8Array.from([0, 0, 0, 8 + 4 * brands.length, ...Buffer.from(`ftyp${brands.join('')}`)])
    expect(imageFormat(media('avif', '\0\0\0\0', 'mif1'))).toEqual({ name: 'AVIF', readable: true })
    expect(imageFormat(media('mif1', '\0\0\0\0', 'avif', 'heic'))?.name).toBe('AVIF')
    expect(imageFormat(media('heic', '\0\0\0\0', 'mif1'))).toEqual({ name: 'HEIC', readable: false })
    expect(imageFormat(media('isom', '\0\0\0\0', 'mp42'))).toBeUndefined()
    for (const text of ['BMW is a make of cars, and this is a text about them', 'P1 is the first of all', '<html>']) {
      expect(imageFormat(Buffer.from(text))).toBeUndefined()
    }
  })

  it('answers any bytes', () => {
    const begun = fc.constantFrom([0xff, 0xd8, 0xff], [0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42], [])
    fc.assert(
      fc.property(begun, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const bytes = Uint8Array.from([...start, ...rest])
        expect(() => [imageFormat(bytes), jpegHeader(bytes), tiffLuma(bytes)]).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})
