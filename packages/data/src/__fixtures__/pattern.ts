import type { RgbImage } from '../images/rgb-image'

/** The image that tools/pillow-fixtures/make.py draws: edges, slopes and noise, from integers alone. */
export function pattern(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3)
  let i = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const kind = (Math.floor(x / 16) + Math.floor(y / 16)) % 3
        if (kind === 0) data[i++] = (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) % 251
        else if (kind === 1) data[i++] = (x * 3 + y * 5 + c * 60) % 256
        else data[i++] = ((Math.floor(x / 5) + Math.floor(y / 3)) % 2) * 255
      }
    }
  }
  return { width, height, data }
}
