import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { digest, pillow } from '../__fixtures__/pillow'
import { put, scratch } from '../__fixtures__/scratch'
import { checkImages } from './check-images'
import { decodeImage, readImageHeader } from './decode-image'

const fixture = (name: string) => fileURLToPath(new URL(`../__fixtures__/${name}`, import.meta.url))

describe('decodeImage', () => {
  it.each(pillow.decode)('equals Pillow byte for byte: $file', async ({ file, expected }) => {
    expect(digest(await decodeImage(fixture(file)), expected)).toEqual(expected)
    expect(digest(await decodeImage(readFileSync(fixture(file))), expected)).toEqual(expected)
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
