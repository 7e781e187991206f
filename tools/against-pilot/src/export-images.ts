import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset, ImageSource } from '@pilotjs/data'
import sharp from 'sharp'

export interface ExportLimits {
  /** The first so many of the classes. */
  readonly classes?: number
  /** Images of each class, spread evenly over what there is. */
  readonly trainPerClass?: number
  readonly testPerClass?: number
}

/** Writes a dataset as `FOLDER/train/CLASS/0000.png` and `FOLDER/test/CLASS/0000.png`: a form that every toolbox reads. */
export async function exportImages(dataset: Dataset, folder: string, limits: ExportLimits = {}): Promise<void> {
  const { classes = dataset.classNames.length, trainPerClass, testPerClass } = limits
  for (const [split, source, limit] of [
    ['train', dataset.train, trainPerClass],
    ['test', dataset.test, testPerClass],
  ] as const) {
    for (const [label, name] of dataset.classNames.slice(0, classes).entries())
      await exportClass(source, label, join(folder, split, name), limit)
  }
}

async function exportClass(source: ImageSource, label: number, folder: string, limit = Infinity): Promise<void> {
  await mkdir(folder, { recursive: true })
  const own = [...source.labels.keys()].filter((index) => source.labels[index] === label)
  const count = Math.min(limit, own.length)
  for (let i = 0; i < count; i++) {
    const { width, height, data } = await source.read(own[Math.floor((i * own.length) / count)]!)
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    await writeFile(join(folder, `${String(i).padStart(4, '0')}.png`), png)
  }
}
