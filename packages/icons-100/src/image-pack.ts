import { gunzipSync } from 'fflate'

/** Side of every image in a pack, in pixels. */
export const IMAGE_SIZE = 32

/** Bytes of one image as it lies in memory: 32 × 32 pixels, red, green, blue. */
export const IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE * 3

const PIXELS = IMAGE_SIZE * IMAGE_SIZE
const MAGIC = 'pilotjs image pack 1'

/** What is drawn how; the index in this list is the number stored in `domains`. */
export const DOMAINS = ['outline', 'filled', 'duotone', 'colour'] as const
export type Domain = (typeof DOMAINS)[number]

/** One icon set and where it comes from. */
export interface IconSet {
  /** prefix of the set in @iconify/json, for example `ph` */
  prefix: string
  name: string
  author: string
  /** SPDX identifier */
  licence: string
  url: string
  /** sets that share an origin, and so never stand on both sides of a split */
  family: string
}

/** Images of one split, all arrays in the same order. */
export interface PackedSplit {
  length: number
  /** [length · 32 · 32 · 3], red, green, blue, row by row */
  images: Uint8Array
  /** index into the pack's `classNames` */
  labels: Int32Array
  /** index into `DOMAINS` */
  domains: Uint8Array
  /** index into the pack's `sets` */
  sets: Uint16Array
}

export interface ImagePack {
  classNames: string[]
  sets: IconSet[]
  splits: Record<string, PackedSplit>
}

interface Header {
  format: string
  classNames: string[]
  sets: IconSet[]
  splits: { name: string; length: number }[]
}

/**
 * Reads an image pack: gzip around a JSON header and, per split, labels, sets, domains and pixels. Pixels are stored
 * with 16 levels: one plane for a grey image, three for one in colour, each byte the level minus that of its left neighbour.
 *
 * @param bytes the file
 * @throws Error if the bytes are not an image pack or are cut short
 */
export function decodeImagePack(bytes: Uint8Array): ImagePack {
  const data = gunzip(bytes)
  const headerLength = data.length < 4 ? 0 : new DataView(data.buffer, data.byteOffset).getUint32(0, true)
  if (4 + headerLength > data.length) throw new Error('This is not an image pack: its header is cut short.')
  const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + headerLength))) as Header
  if (header.format !== MAGIC) throw new Error(`This is not an image pack: its format is ${String(header.format)}.`)
  let offset = 4 + headerLength
  const take = (length: number) => {
    if (offset + length > data.length) throw new Error('The image pack is cut short; install or build it again.')
    offset += length
    return data.subarray(offset - length, offset)
  }
  const splits: Record<string, PackedSplit> = {}
  for (const { name, length } of header.splits) {
    const labels = Int32Array.from(uint16(take(2 * length)))
    const sets = uint16(take(2 * length))
    const domains = take(length).slice()
    const inColour = take(length)
    const images = new Uint8Array(length * IMAGE_BYTES)
    for (let i = 0; i < length; i++) {
      const image = images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)
      if (inColour[i]) unpackColour(take(3 * PIXELS), image)
      else unpackGrey(take(PIXELS), image)
    }
    splits[name] = { length, images, labels, domains, sets }
  }
  return { classNames: header.classNames, sets: header.sets, splits }
}

/**
 * Writes an image pack, except for the gzip around it (the writer chooses the compressor).
 *
 * @returns the parts of the file in order
 */
export function encodeImagePack(pack: ImagePack): Uint8Array[] {
  const header: Header = {
    format: MAGIC,
    classNames: pack.classNames,
    sets: pack.sets,
    splits: Object.entries(pack.splits).map(([name, { length }]) => ({ name, length })),
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = new Uint8Array(4)
  new DataView(headerLength.buffer).setUint32(0, json.length, true)
  const parts: Uint8Array[] = [headerLength, json]
  for (const split of Object.values(pack.splits)) {
    const inColour = new Uint8Array(split.length)
    const pixels: Uint8Array[] = []
    for (let i = 0; i < split.length; i++) {
      const image = split.images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)
      inColour[i] = isGrey(image) ? 0 : 1
      pixels.push(packPlanes(image, inColour[i] ? 3 : 1))
    }
    parts.push(bytesOf(split.labels), bytesOf(split.sets), split.domains, inColour, ...pixels)
  }
  return parts
}

/** The nearest of the 16 stored levels, as a byte; a pack keeps such bytes exactly. */
export const quantise = (value: number) => Math.round(value / 17) * 17

function isGrey(image: Uint8Array): boolean {
  for (let p = 0; p < image.length; p += 3) {
    if (image[p] !== image[p + 1] || image[p] !== image[p + 2]) return false
  }
  return true
}

function packPlanes(image: Uint8Array, planes: number): Uint8Array {
  const packed = new Uint8Array(planes * PIXELS)
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < PIXELS; p++) {
      const level = Math.round(image[3 * p + plane]! / 17)
      const left = p % IMAGE_SIZE === 0 ? 15 : Math.round(image[3 * p - 3 + plane]! / 17)
      packed[plane * PIXELS + p] = (level - left) & 15
    }
  }
  return packed
}

function unpackGrey(packed: Uint8Array, image: Uint8Array) {
  let level = 15
  for (let p = 0, to = 0; p < PIXELS; p++) {
    if (p % IMAGE_SIZE === 0) level = 15
    level = (level + packed[p]!) & 15
    image[to++] = image[to++] = image[to++] = level * 17
  }
}

function unpackColour(packed: Uint8Array, image: Uint8Array) {
  for (let plane = 0; plane < 3; plane++) {
    let level = 15
    for (let p = 0; p < PIXELS; p++) {
      if (p % IMAGE_SIZE === 0) level = 15
      level = (level + packed[plane * PIXELS + p]!) & 15
      image[3 * p + plane] = level * 17
    }
  }
}

/** Little-endian 16-bit numbers, whatever the machine. */
function bytesOf(values: Int32Array | Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setUint16(2 * i, value, true))
  return bytes
}

function uint16(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true))
}

/** In one go and in JavaScript: the platform's streams hand over 16 kB at a time, which takes longer than the work. */
function gunzip(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new Error('This is not an image pack: it is not gzip-compressed.')
  try {
    return gunzipSync(bytes)
  } catch (cause) {
    throw new Error('The image pack is cut short or damaged; install or build it again.', { cause })
  }
}
