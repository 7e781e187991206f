/**
 * Colours of other spaces to red, green and blue, byte for byte as Pillow's `convert('RGB')` does, which asks no colour profile.
 */

/** a · b / 255, rounded, in whole numbers. */
const timesOver255 = (a: number, b: number) => {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}

/** Four bytes a pixel, cyan, magenta, yellow, black → three. */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3)
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - cmyk[from + 3]!
    for (let c = 0; c < 3; c++) rgb[to + c] = Math.max(0, light - timesOver255(cmyk[from + c]!, light))
  }
  return rgb
}

/** Weights of the chroma channels (ITU-R BT.601, as in JFIF) in 64ths. */
const chroma = (weight: number) =>
  Int32Array.from({ length: 256 }, (_, value) => {
    const scaled = weight * (value - 128) * 64
    return Math.trunc(scaled + 0.5)
  })
const redOfCr = chroma(1.402)
const greenOfCb = chroma(-0.34414)
const greenOfCr = chroma(-0.71414)
const blueOfCb = chroma(1.772)

const toByte = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value)

/** Three bytes a pixel, luma and both chromas → red, green, blue. */
export function yccToRgb(ycc: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(ycc.length)
  for (let i = 0; i < ycc.length; i += 3) {
    const [luma, cb, cr] = [ycc[i]!, ycc[i + 1]!, ycc[i + 2]!]
    rgb[i] = toByte(luma + (redOfCr[cr]! >> 6))
    rgb[i + 1] = toByte(luma + ((greenOfCb[cb]! + greenOfCr[cr]!) >> 6))
    rgb[i + 2] = toByte(luma + (blueOfCb[cb]! >> 6))
  }
  return rgb
}
