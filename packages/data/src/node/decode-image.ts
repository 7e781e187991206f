import type { RgbImage } from '../images/rgb-image'

/** sharp is loaded when the first image is decoded: who has no image files doesn't pay for it. */
const loadSharp = async () => (await import('sharp')).default

/**
 * Decodes an image as PIL's `Image.open(file).convert('RGB')` does: no turning by EXIF, no colour management, alpha dropped.
 * JPEG, PNG, WebP, GIF (first frame), TIFF and AVIF.
 * @param input a file, or an encoded image's bytes
 * @throws Error naming the file when it is missing, empty, cut off or no image
 */
export async function decodeImage(input: string | Uint8Array): Promise<RgbImage> {
  const sharp = await loadSharp()
  try {
    const { data, info } = await sharp(input, { failOn: 'error', ignoreIcc: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels instead of 3`)
    // A plain Uint8Array like every other image's: loops over pixels stay fast when they meet one kind of array.
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }
  } catch (error) {
    throw unreadable(input, error)
  }
}

/**
 * Reads no more than an image's header.
 * @throws Error naming the file when it is missing, empty or no image
 */
export async function readImageHeader(file: string): Promise<{ readonly width: number; readonly height: number }> {
  const sharp = await loadSharp()
  try {
    const { width, height } = await sharp(file, { failOn: 'error' }).metadata()
    return { width, height }
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(input: string | Uint8Array, error: unknown): Error {
  const what = typeof input === 'string' ? `image ${input}` : `an image of ${input.length} bytes`
  const told = error instanceof Error ? error.message : String(error)
  // What libvips says when several images fail at once.
  const reason = told === 'Unknown error' ? 'it is damaged or cut off' : told
  return new Error(`Can't read ${what}: ${reason}. Replace or remove the file.`, { cause: error })
}
