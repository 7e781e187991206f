import { crc32, inflateSync } from 'node:zlib'
import type { RgbImage } from '../images/rgb-image'
import { pngHeader } from './image-header'

/** From about so many pixels on the decoder that knows every PNG is as fast; for an icon it takes thirty times as long. */
const mostPixels = 128 * 128

/** Samples a pixel, by colour type: grey, RGB, palette, grey and alpha, RGB and alpha (W3C PNG, 11.2.2). */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const palette = 3

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Chunks that change no colour as it is stored: transparency is dropped like alpha. */
const silent = new Set(['tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'bKGD', 'pHYs', 'tIME', 'tEXt', 'zTXt', 'iTXt'])

/**
 * The pixels of a small, plain PNG: eight bits a sample, not interlaced, whole and sound from its first byte to its last.
 * undefined for every other one, broken ones included.
 */
export function smallPng(bytes: Uint8Array): RgbImage | undefined {
  const size = pngHeader(bytes)
  const chunks = size && size.width * size.height <= mostPixels ? chunksOf(bytes) : undefined
  if (!size || !chunks) return undefined
  const { width, height } = size
  const [depth, type, compression, filter, interlace] = chunks.header.subarray(8)
  const samples = samplesOf[type!]
  if (depth !== 8 || samples === undefined || compression !== 0 || filter !== 0 || interlace !== 0) return undefined
  const rows = inflated(chunks.data, height * (1 + width * samples))
  if (!rows || !unfilter(rows, width * samples, samples)) return undefined
  const data = new Uint8Array(width * height * 3)
  const known = type === palette ? fromPalette(rows, width, chunks.colors, data) : toRgb(rows, width, samples, data)
  return known ? { width, height, data } : undefined
}

interface Chunks {
  readonly header: Uint8Array
  readonly colors: Uint8Array
  readonly data: readonly Uint8Array[]
}

/** A header, silent chunks, at most one palette, data in a row, the end: with sums that are right. undefined for any other file. */
function chunksOf(bytes: Uint8Array): Chunks | undefined {
  if (signature.some((byte, i) => bytes[i] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: { header: Uint8Array; colors: Uint8Array; data: Uint8Array[] } = {
    header: new Uint8Array(),
    colors: new Uint8Array(),
    data: [],
  }
  let last = ''
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at)
    const end = at + 8 + length
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return undefined
    const name = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!)
    const content = bytes.subarray(at + 8, end)
    at = end + 4
    if ((name === 'IHDR') !== (last === '')) return undefined
    if (name === 'IEND') return length === 0 && at === bytes.length && found.data.length > 0 ? found : undefined
    if (name === 'IHDR') found.header = content
    else if (name === 'IDAT' && (last === 'IDAT' || found.data.length === 0)) found.data.push(content)
    else if (name === 'PLTE' && found.colors.length === 0 && found.data.length === 0) found.colors = content
    else if (!silent.has(name)) return undefined
    last = name
  }
  return undefined
}

/** Exactly so many bytes, whose checksum is right; undefined otherwise. */
function inflated(data: readonly Uint8Array[], length: number): Uint8Array | undefined {
  try {
    const options = { chunkSize: Math.max(64, length), maxOutputLength: length }
    const bytes = inflateSync(data.length === 1 ? data[0]! : Buffer.concat(data), options)
    return bytes.length === length ? bytes : undefined
  } catch {
    return undefined
  }
}

/** Undoes the filter of each row, which its first byte names, in place (W3C PNG, 9). False where there is no such filter. */
function unfilter(rows: Uint8Array, rowBytes: number, samples: number): boolean {
  const stride = rowBytes + 1
  for (let row = 0; row < rows.length; row += stride) {
    const [first, end] = [row + 1, row + stride]
    const above = row === 0 ? undefined : stride
    const left = (at: number) => (at - first < samples ? 0 : rows[at - samples]!)
    switch (rows[row]) {
      case 0:
        break
      case 1:
        for (let at = first + samples; at < end; at++) rows[at] = rows[at]! + rows[at - samples]!
        break
      case 2:
        if (above) for (let at = first; at < end; at++) rows[at] = rows[at]! + rows[at - above]!
        break
      case 3:
        for (let at = first; at < end; at++) rows[at] = rows[at]! + ((left(at) + (above ? rows[at - above]! : 0)) >> 1)
        break
      case 4:
        for (let at = first; at < end; at++) {
          const [b, c] = above ? [rows[at - above]!, at - first < samples ? 0 : rows[at - above - samples]!] : [0, 0]
          rows[at] = rows[at]! + paeth(left(at), b, c)
        }
        break
      default:
        return false
    }
  }
  return true
}

/** Of the pixels left, above and between them the one that is nearest to left + above − between (W3C PNG, 9.4). */
function paeth(left: number, above: number, between: number): number {
  const [a, b, c] = [Math.abs(above - between), Math.abs(left - between), Math.abs(left + above - 2 * between)]
  return a <= b && a <= c ? left : b <= c ? above : between
}

/** Colours, or grey three times; alpha is dropped. */
function toRgb(rows: Uint8Array, width: number, samples: number, out: Uint8Array): true {
  const [green, blue] = samples > 2 ? [1, 2] : [0, 0]
  for (let at = 0, to = 0; to < out.length;) {
    at++
    for (let x = 0; x < width; x++, at += samples, to += 3) {
      out[to] = rows[at]!
      out[to + 1] = rows[at + green]!
      out[to + 2] = rows[at + blue]!
    }
  }
  return true
}

/** False where a pixel has a colour that is not there. */
function fromPalette(rows: Uint8Array, width: number, colors: Uint8Array, out: Uint8Array): boolean {
  for (let at = 0, to = 0; to < out.length;) {
    at++
    for (let x = 0; x < width; x++, at++, to += 3) {
      const color = rows[at]! * 3
      if (color + 2 >= colors.length) return false
      out[to] = colors[color]!
      out[to + 1] = colors[color + 1]!
      out[to + 2] = colors[color + 2]!
    }
  }
  return true
}
