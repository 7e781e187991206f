import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp, { type PngOptions } from 'sharp'
import { describe, expect, it } from 'vitest'
import { digest, pillow } from '../__fixtures__/pillow'
import type { RgbImage } from '../images/rgb-image'
import { smallPng } from './small-png'

/** What the other decoder makes of it; undefined where it refuses. */
async function bySharp(bytes: Uint8Array): Promise<RgbImage | undefined> {
  const opened = sharp(bytes, { failOn: 'error', ignoreIcc: true }).toColourspace('srgb').removeAlpha()
  const decoded = await opened
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined)
  return decoded && { width: decoded.info.width, height: decoded.info.height, data: new Uint8Array(decoded.data) }
}

function chunk(name: string, content: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + content.length)
  out.writeUInt32BE(content.length)
  out.write(name, 4, 'latin1')
  out.set(content, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + content.length)), 8 + content.length)
  return out
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const

interface Plan {
  readonly type: keyof typeof samples
  readonly width: number
  readonly height: number
  readonly seed: number
  readonly colors: number
  readonly extra: readonly string[]
  readonly parts: number
}

const contents: Readonly<Record<string, Uint8Array>> = {
  gAMA: Buffer.from([0, 0, 0xb1, 0x8f]),
  tEXt: Buffer.from('Comment\0hello'),
  tIME: Buffer.from([7, 2, 3, 4, 5, 6, 7]),
  bKGD: Buffer.from([0, 1]),
  iCCP: Buffer.concat([Buffer.from('no profile\0\0'), deflateSync('nonsense')]),
}

/** Any bytes as the rows of a PNG, with all filters. */
function make({ type, width, height, seed, colors, extra, parts }: Plan): Buffer {
  const noise = (i: number) => Math.imul(i + seed, 2654435761) >>> 24
  const stride = 1 + width * samples[type]
  const rows = Uint8Array.from({ length: height * stride }, (_, i) => {
    if (i % stride === 0) return type === 3 ? 0 : noise(i) % 5
    return type === 3 ? noise(i) % colors : noise(i)
  })
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, type, 0, 0, 0])
  const data = deflateSync(rows)
  const cut = Math.ceil(data.length / parts)
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...extra.filter((name) => name !== 'tRNS').map((name) => chunk(name, contents[name]!)),
    ...(type === 3
      ? [
          chunk(
            'PLTE',
            Uint8Array.from({ length: colors * 3 }, (_, i) => noise(i + 7)),
          ),
        ]
      : []),
    ...(extra.includes('tRNS') && type < 4 ? [chunk('tRNS', Buffer.alloc(type === 3 ? 1 : samples[type] * 2, 3))] : []),
    ...Array.from({ length: parts }, (_, i) => chunk('IDAT', data.subarray(i * cut, (i + 1) * cut))),
    chunk('IEND', new Uint8Array()),
  ])
}

const plans = fc.record<Plan>({
  type: fc.constantFrom(0, 2, 3, 4, 6),
  width: fc.integer({ min: 1, max: 20 }),
  height: fc.integer({ min: 1, max: 20 }),
  seed: fc.nat(),
  colors: fc.integer({ min: 1, max: 256 }),
  extra: fc.uniqueArray(fc.constantFrom('tRNS', ...Object.keys(contents))),
  parts: fc.integer({ min: 1, max: 3 }),
})

const icon = make({ type: 2, width: 9, height: 7, seed: 5, colors: 0, extra: ['gAMA'], parts: 1 })

describe('smallPng', () => {
  it('gives the same bytes as the other decoder, whatever the colours and filters', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const bytes = make(plan)
        const image = smallPng(bytes)
        // fast-png refuses some colours that mean transparency; the other decoder has them then.
        if (!plan.extra.includes('tRNS')) expect(image).toBeDefined()
        if (image) expect(image).toEqual(await bySharp(bytes))
      }),
      { numRuns: 60 },
    )
  })

  it('never takes what the other decoder refuses, nor sees it otherwise', async () => {
    let taken = 0
    const damage = fc.record({ plan: plans, at: fc.nat(), value: fc.nat(255), repaired: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(damage, async ({ plan, at, value, repaired }) => {
        const bytes = make(plan)
        bytes[at % bytes.length] = value
        for (let chunkAt = 8; repaired && chunkAt + 12 <= bytes.length;) {
          const end = chunkAt + 8 + bytes.readUInt32BE(chunkAt)
          if (end + 4 > bytes.length) break
          bytes.writeUInt32BE(crc32(bytes.subarray(chunkAt + 4, end)), end)
          chunkAt = end + 4
        }
        const image = smallPng(bytes)
        if (!image) return
        taken++
        expect(image).toEqual(await bySharp(bytes))
      }),
      { numRuns: 400 },
    )
    expect(taken).toBeGreaterThan(0)
  })

  it.each(pillow.decode.filter(({ file }) => ['alpha.png', 'color.png', 'grey.png'].includes(file)))(
    'equals Pillow byte for byte: $file',
    ({ file, expected }) => {
      const image = smallPng(readFileSync(new URL(`../__fixtures__/${file}`, import.meta.url)))
      expect(image && digest(image, expected)).toEqual(expected)
    },
  )

  it('leaves every other file alone', async () => {
    const { data } = (await bySharp(icon))!
    const again = (options: PngOptions) =>
      sharp(data, { raw: { width: 9, height: 7, channels: 3 } })
        .png(options)
        .toBuffer()
    expect(smallPng(await again({}))?.data).toEqual(data)
    for (const options of [{ progressive: true }, { palette: true, colours: 4 }])
      expect(smallPng(await again(options))).toBeUndefined()
    const large = sharp({ create: { width: 129, height: 128, channels: 3, background: 'red' } })
    expect(smallPng(await large.png().toBuffer())).toBeUndefined()
    expect(smallPng(await large.jpeg().toBuffer())).toBeUndefined()
    const ofColors = make({ type: 3, width: 9, height: 7, seed: 5, colors: 4, extra: [], parts: 1 })
    const [from, to] = [ofColors.indexOf('PLTE') - 4, ofColors.indexOf('IDAT') - 4]
    expect(smallPng(Buffer.concat([ofColors.subarray(0, from), ofColors.subarray(to)]))).toBeUndefined()
    for (let length = 0; length < icon.length; length++) expect(smallPng(icon.subarray(0, length))).toBeUndefined()
    expect(smallPng(Buffer.concat([icon, Buffer.alloc(1)]))).toBeUndefined()
  })
})
