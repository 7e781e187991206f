/** A format told by a file's first bytes. */
export interface ImageFormat {
  readonly name: 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF' | ForeignFormat
  /** Whether it is decoded here; the others are images that are refused. */
  readonly readable: boolean
}

type ForeignFormat =
  'HEIC' | 'BMP' | 'PNM' | 'JPEG 2000' | 'JPEG XL' | 'Photoshop' | 'icon' | 'OpenEXR' | 'QOI' | 'Radiance HDR'

/** So many of a file's first bytes are looked at. */
export const formatBytes = 64

const text = (bytes: Uint8Array, start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end))
const starts = (...signature: readonly number[]) => {
  return (bytes: Uint8Array) => signature.every((byte, i) => bytes[i] === byte)
}
const startsWith = (letters: string) => starts(...Array.from(letters, (letter) => letter.charCodeAt(0)))
const brands = /^(avif|avis)$/
const heicBrands = /^(heic|heix|heim|heis|hevc|hevx|mif1|msf1)$/

/** Brands of an ISO base media file (ISO/IEC 14496-12): major and compatible ones, as far as the first bytes reach. */
function mediaBrands(bytes: Uint8Array): string[] {
  if (text(bytes, 4, 8) !== 'ftyp') return []
  const size = Math.min(bytes.length, ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0))
  const found: string[] = []
  for (let at = 8; at + 4 <= size; at += 4) if (at !== 12) found.push(text(bytes, at, at + 4))
  return found
}

/** Sizes of the headers that a BMP's second part may begin with: the letters BM alone would be too little. */
const bitmapHeaders = new Set([12, 16, 40, 52, 56, 64, 108, 124])
const isBitmap = (bytes: Uint8Array) =>
  startsWith('BM')(bytes) && bitmapHeaders.has(bytes[14]!) && bytes[15] === 0 && bytes[6] === 0 && bytes[7] === 0

const signatures: readonly [ImageFormat['name'], (bytes: Uint8Array) => boolean][] = [
  ['JPEG', starts(0xff, 0xd8, 0xff)],
  ['PNG', starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['GIF', (bytes) => /^GIF8[79]a/.test(text(bytes, 0, 6))],
  ['WebP', (bytes) => startsWith('RIFF')(bytes) && text(bytes, 8, 12) === 'WEBP'],
  ['TIFF', (bytes) => /^(II[*+]\0|MM\0[*+])/.test(text(bytes, 0, 4))],
  ['AVIF', (bytes) => mediaBrands(bytes).some((brand) => brands.test(brand))],
  ['HEIC', (bytes) => mediaBrands(bytes).some((brand) => heicBrands.test(brand))],
  ['BMP', isBitmap],
  ['PNM', (bytes) => /^P[1-7]\s+(#|\d|WIDTH)/.test(text(bytes, 0, 12))],
  ['JPEG 2000', (bytes) => starts(0, 0, 0, 12, 0x6a, 0x50)(bytes) || starts(0xff, 0x4f, 0xff, 0x51)(bytes)],
  ['JPEG XL', (bytes) => starts(0, 0, 0, 12, 0x4a, 0x58, 0x4c)(bytes) || starts(0xff, 0x0a)(bytes)],
  ['Photoshop', startsWith('8BPS')],
  ['icon', starts(0, 0, 1, 0)],
  ['OpenEXR', starts(0x76, 0x2f, 0x31, 0x01)],
  ['QOI', startsWith('qoif')],
  ['Radiance HDR', startsWith('#?RADIANCE')],
]
const readable = new Set<string>(['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF'])

/** What a file's first bytes say it is; undefined for what is no image known here. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const name = signatures.find(([, fits]) => fits(bytes))?.[0]
  return name && { name, readable: readable.has(name) }
}

/** What macOS puts beside a file on disks that can't hold its attributes (AppleDouble): no image, whatever its name says. */
export const isAppleDouble = (bytes: Uint8Array): boolean => starts(0, 5, 0x16, 7)(bytes)
