import { inflateSync } from 'node:zlib'
import { type DecodedPng, type IndexedColors, decode } from 'fast-png'
import type { RgbImage } from '../images/rgb-image'
import { pngHeader } from './image-header'

/** From about so many pixels on the decoder that knows every format is as fast; for an icon it takes several times as long. */
const mostPixels = 128 * 128

/** Whether an image has so few pixels that decoding it takes an instant. */
export const isSmall = ({ width, height }: Pick<RgbImage, 'width' | 'height'>): boolean => width * height <= mostPixels

const signatureBytes = 8

/** Samples a pixel, by colour type: grey, RGB, palette, grey and alpha, RGB and alpha (W3C PNG, 11.2.2). */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const indexed = 3

/** Chunks that change no colour as it is stored: transparency is dropped like alpha. */
const silent = new Set(['tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'bKGD', 'pHYs', 'tIME', 'tEXt', 'zTXt', 'iTXt'])

/**
 * The pixels of a small, plain PNG: eight bits a sample, not interlaced, whole and sound from its first byte to its last.
 * undefined for every other one, broken ones included.
 */
export function smallPng(bytes: Uint8Array): RgbImage | undefined {
  const size = pngHeader(bytes)
  if (!size || !isSmall(size)) return undefined
  const [depth, type, , , interlace] = bytes.subarray(24, 29)
  const samples = samplesOf[type!]
  if (depth !== 8 || interlace !== 0 || samples === undefined) return undefined
  const { width, height } = size
  try {
    if (!isWhole(pixelDataOf(bytes), height * (1 + width * samples))) return undefined
    const decoded = decode(bytes, { checkCrc: true })
    // Others may have a palette as well, as a proposal.
    const data = rgbOf(decoded, type === indexed ? (decoded.palette ?? []) : undefined)
    return data && { width, height, data }
  } catch {
    return undefined
  }
}

/** What the chunks of pixels hold, where they and all others are in their places and no other ones are there; else nothing. */
function pixelDataOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names: string[] = []
  const pixels: Uint8Array[] = []
  for (let at = signatureBytes; at < bytes.length;) {
    const [length, name] = [view.getUint32(at), String.fromCharCode(...bytes.subarray(at + 4, at + 8))]
    if (name === 'IDAT') pixels.push(bytes.subarray(at + 8, at + 8 + length))
    if (!silent.has(name)) names.push(name)
    else if (names.at(-1) === 'IDAT') names.push('')
    at += 12 + length
  }
  return /^IHDR (PLTE )?(IDAT )+ ?IEND$/.test(names.join(' ')) ? pixels : []
}

/** Whether it inflates to so many bytes, with the checksum that it says: decoders may be content with less. */
function isWhole(deflated: readonly Uint8Array[], length: number): boolean {
  const options = { chunkSize: Math.max(64, length), maxOutputLength: length }
  return inflateSync(Buffer.concat(deflated), options).length === length
}

/** Colours, or grey three times, or what a palette has for each number; alpha is dropped. undefined where it has nothing. */
function rgbOf({ width, height, channels, data }: DecodedPng, palette?: IndexedColors): Uint8Array | undefined {
  const rgb = new Uint8Array(width * height * 3)
  const [green, blue] = channels > 2 ? [1, 2] : [0, 0]
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const color = palette?.[data[from]!]
    if (palette && !color) return undefined
    rgb[to] = color ? color[0]! : data[from]!
    rgb[to + 1] = color ? color[1]! : data[from + green]!
    rgb[to + 2] = color ? color[2]! : data[from + blue]!
  }
  return rgb
}
