/** What a JPEG's frame header says (ITU-T T.81, B.2.2). */
export interface JpegHeader {
  readonly width: number
  readonly height: number
  /** 1 grey, 3 colour, 4 CMYK. */
  readonly components: number
}

/** The frame header of a JPEG; undefined where it is not found in these bytes. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const uint16 = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    // Frame headers are C0 … CF, but for Huffman tables (C4), arithmetic coding's (CC) and a reserved one (C8).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      const [height, width, components] = [uint16(at + 5), uint16(at + 7), bytes[at + 9]!]
      return width > 0 && height > 0 ? { width, height, components } : undefined
    }
    if (marker === 0xda || marker === 0xd9) return undefined
    at += 2 + uint16(at + 2)
  }
  return undefined
}

/** Sides of a PNG as its first chunk says (W3C PNG, 11.2.2); undefined where that is not there, or says nothing sensible. */
export function pngHeader(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < 33) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [length, type, width, height] = [8, 12, 16, 20].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ]
  const isHeader = length === 13 && type === 0x49484452
  return isHeader && width > 0 && height > 0 ? { width, height } : undefined
}

/** Compression that leaves the conversion of colours to the decoder: old and new JPEG (TIFF 6.0, TechNote 2). */
const jpegInTiff = new Set([6, 7])

/**
 * Whether a TIFF's first image holds luma and chroma that decoders hand out unconverted (PhotometricInterpretation 6, not JPEG);
 * with `subsampled`, chroma of a lower resolution.
 */
export function tiffLuma(bytes: Uint8Array): { readonly subsampled: boolean } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 8) return undefined
  const little = bytes[0] === 0x49
  if (view.getUint16(2, little) !== 42) return undefined
  const directory = view.getUint32(4, little)
  if (directory + 2 > bytes.length) return undefined
  const tags = new Map<number, readonly number[]>()
  for (let i = 0; i < view.getUint16(directory, little); i++) {
    const entry = directory + 2 + i * 12
    if (entry + 12 > bytes.length) return undefined
    // All that is asked for are one or two short numbers, which stand in the entry itself.
    tags.set(view.getUint16(entry, little), [view.getUint16(entry + 8, little), view.getUint16(entry + 10, little)])
  }
  const [compression = 1, photometric] = [tags.get(259)?.[0], tags.get(262)?.[0]]
  if (photometric !== 6 || jpegInTiff.has(compression)) return undefined
  const [across, down] = tags.get(530) ?? [2, 2]
  return { subsampled: across !== 1 || down !== 1 }
}
