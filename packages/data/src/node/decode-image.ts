import { DataError } from '../errors/data-error'
import { cmykToRgb, yccToRgb } from '../images/color-spaces'
import type { Orientation } from '../images/orientation'
import type { RgbImage } from '../images/rgb-image'
import { inTurn } from './in-turn'
import { formatBytes, imageFormat } from './image-format'
import { jpegHeader, pngHeader, tiffLuma } from './image-header'
import { fingerprintOf, fingerprintSpans } from './file-fingerprint'
import { readFileBytes, whole } from './read-image-file'
import type { FileReader } from './read-image-file'
import { smallPng } from './small-png'

/** sharp is loaded when it decodes its first image: who has no image files, or icons only, doesn't pay for it. */
const loadSharp = async () => (await import('sharp')).default

export interface DecodeOptions {
  /** Default `as-stored`, as benchmarks are decoded. What people take with their cameras is meant `upright`. */
  readonly orientation?: Orientation
  /**
   * Images of more pixels are refused before they are decoded. Default 178,956,970, where Pillow speaks of a decompression bomb.
   */
  readonly maxPixels?: number
}

/** Pillow's limit: twice 1 GiB / 4 bytes / 3 channels. */
export const defaultMaxPixels = 178_956_970
/** Files beyond this size are refused: no encoded image within the limit of pixels is that large. */
const maxFileBytes = 2 ** 30
/** So much is read of a file where its header is all that is wanted. */
const headerBytes = 64 * 1024
/** Images of more pixels are decoded and used one at a time, so that a handful of them can't fill the memory. */
const manyPixels = 2 ** 24

interface Header {
  readonly width: number
  readonly height: number
  /** How the decoder is to be asked. */
  readonly colors: 'rgb' | 'cmyk' | 'ycc'
}

/**
 * Decodes an image as PIL's `Image.open(file).convert('RGB')` does: no colour management, alpha dropped, the first of several
 * images. JPEG, PNG, WebP, GIF, TIFF and AVIF, told by content whatever the file's name is.
 * @param input a file, or an encoded image's bytes
 * @throws DataError naming the file: `not-found`, `unreadable-image` (empty, cut off, no image), `foreign-format`, `too-large`
 */
export async function decodeImage(input: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  return decodeAndUse(input, options, (image) => image)
}

/**
 * Decodes an image and makes something of it; of large images, the next one is decoded only when that is done.
 * @param read how files are read
 */
export async function decodeAndUse<T>(
  input: string | Uint8Array,
  options: DecodeOptions,
  use: (image: RgbImage) => T,
  read = readFileBytes,
): Promise<T> {
  const bytes = typeof input === 'string' ? await readWhole(input, read) : input
  const header = await headerOf(input, bytes, options)
  const decode = async () => use(await decodeBytes(input, bytes, header, options))
  return header.width * header.height > manyPixels ? inTurn(decode) : decode()
}

/**
 * Reads no more than an image's header.
 * @throws DataError as `decodeImage` does, but for what is wrong behind the header
 */
export async function readImageHeader(
  file: string,
  options: DecodeOptions = {},
): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await lookAtImage(file, options)
  return { width, height }
}

/** The header and the file's fingerprint, at one look. @throws DataError as `readImageHeader` does */
export async function lookAtImage(
  file: string,
  options: DecodeOptions = {},
  read = readFileBytes,
): Promise<{ readonly width: number; readonly height: number; readonly fingerprint: string }> {
  const found = await readOrRefuse(file, read, (size) => fingerprintSpans(size, headerBytes))
  const { width, height } = await headerOf(file, found.pieces[0]!, options, file)
  return { width, height, fingerprint: fingerprintOf(found) }
}

async function decodeBytes(
  input: string | Uint8Array,
  bytes: Uint8Array,
  { colors }: Header,
  { orientation = 'as-stored', maxPixels = defaultMaxPixels }: DecodeOptions,
): Promise<RgbImage> {
  const plain = orientation === 'as-stored' ? smallPng(bytes) : undefined
  if (plain) return plain
  const sharp = await loadSharp()
  try {
    const opened = sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels: maxPixels })
    const turned = orientation === 'upright' ? opened.autoOrient() : opened
    const { data, info } = await (
      colors === 'cmyk'
        ? turned.pipelineColourspace('cmyk').toColourspace('cmyk')
        : turned.toColourspace('srgb').removeAlpha()
    )
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const wanted = colors === 'cmyk' ? 4 : 3
    if (info.channels !== wanted) throw new Error(`it has ${info.channels} channels instead of ${wanted}`)
    const { width, height } = info
    // A plain Uint8Array like every other image's: loops over pixels stay fast when they meet one kind of array.
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return {
      width,
      height,
      data: colors === 'cmyk' ? cmykToRgb(pixels) : colors === 'ycc' ? yccToRgb(pixels) : pixels,
    }
  } catch (error) {
    throw unreadable(input, error)
  }
}

/** @param file what `bytes` are the beginning of, where they are not all of it */
async function headerOf(
  input: string | Uint8Array,
  bytes: Uint8Array,
  { maxPixels = defaultMaxPixels }: DecodeOptions,
  file?: string,
): Promise<Header> {
  if (bytes.length === 0) throw unreadable(input, new Error('it is empty'))
  const format = imageFormat(bytes.subarray(0, formatBytes))
  if (!format) throw unreadable(input, new Error('it is no image, or of a format that is not read'))
  if (!format.readable) {
    throw new DataError('foreign-format', `Can't read ${nameOf(input)}: ${format.name} is not supported.`, {
      subject: subjectOf(input),
      remedy: 'Convert it to PNG or JPEG.',
    })
  }
  const quick = format.name === 'JPEG' ? fromJpeg(bytes) : format.name === 'PNG' ? fromPng(bytes) : undefined
  const header = quick ?? (await fromSharp(input, file ?? bytes, bytes))
  const { width, height } = header
  if (width * height > maxPixels) {
    throw new DataError(
      'too-large',
      `Can't read ${nameOf(input)}: it has ${width}x${height} pixels, more than the ${maxPixels} that are read.`,
      { subject: subjectOf(input), remedy: 'Make it smaller, or remove the file.' },
    )
  }
  return header
}

function fromJpeg(bytes: Uint8Array): Header | undefined {
  const header = jpegHeader(bytes)
  return header && { ...header, colors: header.components === 4 ? 'cmyk' : 'rgb' }
}

/** A PNG is grey or RGB, or has a palette of RGB. */
function fromPng(bytes: Uint8Array): Header | undefined {
  const header = pngHeader(bytes)
  return header && { ...header, colors: 'rgb' }
}

async function fromSharp(input: string | Uint8Array, source: string | Uint8Array, bytes: Uint8Array): Promise<Header> {
  const sharp = await loadSharp()
  let metadata
  try {
    // The limit of pixels is this package's to tell, in its own words.
    metadata = await sharp(source, { failOn: 'error', limitInputPixels: false }).metadata()
  } catch (error) {
    throw unreadable(input, error)
  }
  const { width, height, space, format } = metadata
  if (space === 'cmyk') return { width, height, colors: 'cmyk' }
  const luma = format === 'tiff' ? tiffLuma(bytes) : undefined
  if (luma?.subsampled) {
    throw new DataError('foreign-format', `Can't read ${nameOf(input)}: a TIFF of subsampled YCbCr is not supported.`, {
      subject: subjectOf(input),
      remedy: 'Convert it to PNG or JPEG.',
    })
  }
  return { width, height, colors: luma ? 'ycc' : 'rgb' }
}

async function readWhole(file: string, read: FileReader): Promise<Uint8Array> {
  const { pieces, size } = await readOrRefuse(file, read, (length) => (length > maxFileBytes ? [] : whole(length)))
  if (size <= maxFileBytes) return pieces[0]!
  throw new DataError('too-large', `Can't read image ${file}: it has ${size} bytes, more than ${maxFileBytes}.`, {
    subject: file,
    remedy: 'Make it smaller, or remove the file.',
  })
}

async function readOrRefuse(file: string, read: FileReader, which: Parameters<FileReader>[1]) {
  try {
    return await read(file, which)
  } catch (error) {
    throw unreadable(file, error)
  }
}

const nameOf = (input: string | Uint8Array) =>
  typeof input === 'string' ? `image ${input}` : `an image of ${input.length} bytes`
const subjectOf = (input: string | Uint8Array) => (typeof input === 'string' ? input : `${input.length} bytes`)

function unreadable(input: string | Uint8Array, error: unknown): DataError {
  const told = error instanceof Error ? error.message.trim() : String(error)
  // What libvips says when several images fail at once.
  const reason = told === 'Unknown error' ? 'it is damaged or cut off' : told
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  return new DataError(missing ? 'not-found' : 'unreadable-image', `Can't read ${nameOf(input)}: ${reason}.`, {
    subject: subjectOf(input),
    remedy: 'Replace or remove the file.',
    cause: error,
  })
}
