import { IMAGE_BYTES, IMAGE_SIZE } from '@pilotjs/icons-100'
import sharp from 'sharp'

/** One row of a contact sheet. */
export interface SheetRow {
  label: string
  images: Uint8Array[]
}

/** A picture with a row per class: its name, then its drawings, at `scale` times their size. */
export async function contactSheet(rows: SheetRow[], columns: number, scale: number): Promise<Buffer> {
  const cell = IMAGE_SIZE * scale
  const gap = Math.max(2, Math.round(cell / 12))
  const margin = 108
  const width = margin + columns * (cell + gap) + gap
  const height = rows.length * (cell + gap) + gap
  const pixels = Buffer.alloc(width * height * 3, 246)
  const labels = rows.map(({ label, images }, row) => {
    const top = gap + row * (cell + gap)
    images.slice(0, columns).forEach((image, column) => {
      paint(pixels, width, margin + column * (cell + gap), top, image, scale)
    })
    return `<text x="${gap + 4}" y="${top + cell / 2 + 5}" font-family="sans-serif" font-size="13" fill="#222">${label}</text>`
  })
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${labels.join('')}</svg>`
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(text) }])
    .png({ compressionLevel: 9, palette: true, effort: 10 })
    .toBuffer()
}

function paint(pixels: Buffer, width: number, left: number, top: number, image: Uint8Array, scale: number) {
  if (image.length !== IMAGE_BYTES) throw new Error(`An image has ${IMAGE_BYTES} bytes, not ${image.length}.`)
  for (let y = 0; y < IMAGE_SIZE * scale; y++) {
    for (let x = 0; x < IMAGE_SIZE * scale; x++) {
      const from = (Math.floor(y / scale) * IMAGE_SIZE + Math.floor(x / scale)) * 3
      const to = ((top + y) * width + left + x) * 3
      pixels[to] = image[from]!
      pixels[to + 1] = image[from + 1]!
      pixels[to + 2] = image[from + 2]!
    }
  }
}
