import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { digest, pillow } from '../__fixtures__/pillow'
import { put, scratch } from '../__fixtures__/scratch'
import { checkImages } from './check-images'
import { decodeAndUse, decodeImage, lookAtImage, readImageHeader } from './decode-image'
import { fileFingerprint } from './file-fingerprint'
import { inTurn } from './in-turn'

const fixture = (name: string) => fileURLToPath(new URL(`../__fixtures__/${name}`, import.meta.url))

describe('decodeImage', () => {
  it.each(pillow.decode)('equals Pillow byte for byte: $file', async ({ file, expected }) => {
    expect(digest(await decodeImage(fixture(file)), expected)).toEqual(expected)
    expect(digest(await decodeImage(readFileSync(fixture(file))), expected)).toEqual(expected)
  })

  it.each(pillow.turned)('turns what is to be upright, as exif_transpose: $file', async ({ file, expected }) => {
    expect(digest(await decodeImage(fixture(file), { orientation: 'upright' }), expected)).toEqual(expected)
    expect(await decodeImage(fixture(file))).toMatchObject({ width: 24, height: 16 })
  })

  it('takes the upper byte of 16 bits, grey or colour, where Pillow clips grey to white', async () => {
    const values = [0, 255, 256, 4096, 0x80ff, 0xffff]
    for (const channels of [1, 3] as const) {
      const raw = { width: 6, height: 1, channels }
      const samples = Uint16Array.from(values.flatMap((value) => Array.from({ length: channels }, () => value)))
      const png = await sharp(samples, { raw })
        .toColourspace(channels === 1 ? 'grey16' : 'rgb16')
        .png()
        .toBuffer()
      const { data } = await decodeImage(png)
      expect([...data].filter((_, i) => i % 3 === 0)).toEqual([0, 0, 1, 16, 128, 255])
    }
  })

  it('refuses images of more pixels than the limit before it decodes them', async () => {
    const large = await sharp({ create: { width: 16000, height: 16000, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const refusal = decodeImage(large)
    await expect(refusal).rejects.toMatchObject({ name: 'DataError', code: 'too-large' })
    await expect(refusal).rejects.toThrow('it has 16000x16000 pixels, more than the 178956970 that are read')
    const small = fixture('color.jpg')
    await expect(decodeImage(small, { maxPixels: 64 * 48 - 1 })).rejects.toMatchObject({ subject: small })
    await expect(decodeImage(small, { maxPixels: 64 * 48 })).resolves.toMatchObject({ width: 64 })
    await expect(readImageHeader(small, { maxPixels: 10 })).rejects.toMatchObject({ code: 'too-large' })
  })

  it('decodes a large image only when the one before has been used', async () => {
    const large = await sharp({ create: { width: 5000, height: 4000, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const events: string[] = []
    let release: () => void = () => undefined
    const before = inTurn(() => new Promise<void>((resolve) => (release = resolve)))
    const waiting = decodeAndUse(large, {}, () => events.push('large'))
    await decodeAndUse(fixture('color.jpg'), {}, () => events.push('small'))
    // As long as it would take by itself, twice over.
    for (let i = 0; i < 2; i++) await sharp(large).raw().toBuffer()
    events.push('released')
    release()
    await Promise.all([before, waiting])
    expect(events).toEqual(['small', 'released', 'large'])
  })

  it('names formats that it does not read', async () => {
    const bitmap = new Uint8Array(64)
    bitmap.set([0x42, 0x4d])
    bitmap[14] = 40
    await expect(decodeImage(bitmap)).rejects.toThrow('BMP is not supported. Convert it to PNG or JPEG.')
    const heic = Uint8Array.from([0, 0, 0, 24, ...Buffer.from('ftypheic\0\0\0\0mif1heic'), 0, 0, 0, 0])
    await expect(decodeImage(heic)).rejects.toMatchObject({ code: 'foreign-format' })
  })

  it('names the file that is missing, empty, cut off or no image', async () => {
    const folder = scratch()
    const whole = readFileSync(fixture('color.jpg'))
    await expect(decodeImage(join(folder, 'gone.jpg'))).rejects.toThrow(
      /Can't read image .*gone\.jpg: .*Replace or remove the file/s,
    )
    await expect(decodeImage(put(join(folder, 'empty.jpg'), ''))).rejects.toThrow('empty.jpg')
    await expect(decodeImage(put(join(folder, 'cut.jpg'), whole.subarray(0, 1200)))).rejects.toThrow('cut.jpg')
    await expect(decodeImage(put(join(folder, 'text.jpg'), 'no image'))).rejects.toThrow('text.jpg')
    await expect(decodeImage(new Uint8Array(5))).rejects.toThrow('an image of 5 bytes')
  })
})

describe('readImageHeader', () => {
  it('tells the size', async () => {
    expect(await readImageHeader(fixture('color.png'))).toEqual({ width: 64, height: 48 })
  })
})

describe('lookAtImage', () => {
  it('tells the fingerprint as well, of a large file too', async () => {
    const noise = Uint8Array.from({ length: 200 * 200 * 3 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 24) & 255)
    const image = sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
    const large = put(join(scratch(), 'large.png'), await image.png({ compressionLevel: 0 }).toBuffer())
    expect(statSync(large).size).toBeGreaterThan(64 * 1024)
    for (const file of [fixture('color.png'), large])
      expect(await lookAtImage(file)).toEqual({
        ...(await readImageHeader(file)),
        fingerprint: await fileFingerprint(file),
      })
  })
})

describe('checkImages', () => {
  it('names every file that cannot be read, and finds cut ones when it decodes', async () => {
    const folder = scratch()
    const whole = readFileSync(fixture('color.jpg'))
    const good = put(join(folder, 'good.jpg'), whole)
    const cut = put(join(folder, 'cut.jpg'), whole.subarray(0, 1200))
    const empty = put(join(folder, 'empty.jpg'), '')
    await checkImages([good, cut], 'header')
    await checkImages([empty], 'none')
    await expect(checkImages([good, cut], 'decode')).rejects.toThrow('cut.jpg')
    const progress: number[] = []
    const many = checkImages([empty, good, ...Array.from({ length: 11 }, () => empty)], 'header', {
      onProgress: (done, total) => progress.push(done / total),
    })
    await expect(many).rejects.toThrow(/12 of 13 images can't be read:\n.*empty\.jpg.*and 2 more/s)
    expect(progress.at(-1)).toBe(1)
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(checkImages([fixture('color.png')], 'header', { signal: controller.signal })).rejects.toThrow('enough')
  })
})
