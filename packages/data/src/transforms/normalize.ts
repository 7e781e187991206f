import type { RgbImage } from '../images/rgb-image'

/** One number a channel: red, green, blue. */
export type PerChannel = readonly [number, number, number]

/** Writes an image's numbers, [height, width, 3], into `out` from `offset` on. */
export type PixelWriter = (image: RgbImage, out: Float32Array, offset: number) => void

/**
 * torchvision's `ToTensor` and `Normalize` in one: bytes to (byte / 255 − mean) / std, in single precision, by table.
 * @throws RangeError when a std is not positive
 */
export function normalizer(mean: PerChannel, std: PerChannel): PixelWriter {
  if (![...mean, ...std].every(Number.isFinite) || std.some((value) => value <= 0)) {
    throw new RangeError(`mean and std take three finite numbers, std positive ones; got mean [${mean}], std [${std}]`)
  }
  const tables = mean.map((center, channel) => {
    const deviation = Math.fround(std[channel]!)
    return Float32Array.from({ length: 256 }, (_, byte) =>
      Math.fround(Math.fround(Math.fround(byte / 255) - Math.fround(center)) / deviation),
    )
  })
  const [red, green, blue] = tables as [Float32Array, Float32Array, Float32Array]
  return ({ data }, out, offset) => {
    for (let i = 0; i < data.length; i += 3) {
      out[offset + i] = red[data[i]!]!
      out[offset + i + 1] = green[data[i + 1]!]!
      out[offset + i + 2] = blue[data[i + 2]!]!
    }
  }
}
