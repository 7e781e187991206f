import { type DecodedPng, decode } from 'fast-png'
import type { RgbImage } from '../images/rgb-image'
import { pngHeader } from './image-header'

/** From about so many pixels on the decoder that knows every format is as fast; for an icon it takes ten times as long. */
const mostPixels = 128 * 128

const signatureBytes = 8

/** Chunks that a plain PNG is made of, and those that change no colour as it is stored: transparency is dropped like alpha. */
const plainChunks = new Set(
  ['IHDR', 'PLTE', 'IDAT', 'IEND'].concat('tRNS gAMA cHRM sRGB iCCP bKGD pHYs tIME tEXt zTXt iTXt'.split(' ')),
)

/**
 * The pixels of a small, plain PNG: eight bits a sample, not interlaced, whole, and with the checksums that its chunks say.
 * undefined for every other one, broken ones included.
 */
export function smallPng(bytes: Uint8Array): RgbImage | undefined {
  const size = pngHeader(bytes)
  if (!size || size.width * size.height > mostPixels || !isPlain(bytes)) return undefined
  try {
    const decoded = decode(bytes, { checkCrc: true })
    const data = rgbOf(decoded)
    return data && { width: decoded.width, height: decoded.height, data }
  } catch {
    return undefined
  }
}

/** Whether a file has nothing but plain chunks, from its first byte to its last. */
function isPlain(bytes: Uint8Array): boolean {
  const [depth, interlace] = [bytes[24], bytes[28]]
  if (depth !== 8 || interlace !== 0) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let name = ''
  let at = signatureBytes
  while (name !== 'IEND' && at + 12 <= bytes.length) {
    name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (!plainChunks.has(name)) return false
    at += 12 + view.getUint32(at)
  }
  return name === 'IEND' && at === bytes.length
}

/** Colours, or grey three times, or what a palette has for each number; alpha is dropped. undefined where it has nothing. */
function rgbOf({ width, height, channels, data, palette }: DecodedPng): Uint8Array | undefined {
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
