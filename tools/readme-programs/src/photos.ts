import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const colours = { mug: '#b03a2e', pen: '#1f618d', stapler: '#239b56' }

/** The folder that guides speak of: `photos/mug/1.jpg`, … Four small images of each of three classes. */
export async function makePhotos(folder: string): Promise<void> {
  for (const [name, background] of Object.entries(colours)) {
    await mkdir(join(folder, name), { recursive: true })
    for (let i = 1; i <= 4; i++)
      await sharp({ create: { width: 40, height: 30 + i, channels: 3, background } })
        .modulate({ brightness: 1 - i / 20 })
        .jpeg()
        .toFile(join(folder, name, `${i}.jpg`))
  }
}
