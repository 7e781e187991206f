/** One decoded image: bytes in rows, red, green, blue by turns; `data.length` is `width · height · 3`. */
export interface RgbImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

/** A black image. */
export function blankImage(width: number, height: number): RgbImage & { readonly data: Uint8Array<ArrayBuffer> } {
  return { width, height, data: new Uint8Array(width * height * 3) }
}

/** @throws RangeError naming `what` when sizes and bytes disagree. */
export function assertRgbImage(image: RgbImage, what: string): void {
  const { width, height, data } = image
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`${what}: width and height must be positive integers, got ${width}x${height}`)
  }
  if (data.length !== width * height * 3) {
    throw new RangeError(
      `${what}: a ${width}x${height} RGB image has ${width * height * 3} bytes, got ${data.length}; ` +
        'give 3 bytes a pixel, without an alpha channel',
    )
  }
}
