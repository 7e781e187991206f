import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Icons100 } from './icons-100'
import type { Drawing } from './render'
import { contactSheet } from './sheet'
import type { SheetRow } from './sheet'

/** The classes shown in the data package's README. */
const SHOWN = ['anchor', 'backpack', 'bicycle', 'cactus', 'cat', 'ghost', 'guitar', 'ice-cream', 'robot', 'umbrella']

/** A few classes across sets, training and test drawings side by side. */
export function classPicture(classNames: string[], stream: Icons100): Promise<Buffer> {
  const rows = SHOWN.map((label) => {
    const index = classNames.indexOf(label)
    return row(label, [...evenly(stream.train[index]!, 9), ...evenly(stream.test[index]!, 5)], 14)
  })
  return contactSheet(rows, 14, 2)
}

/** Contact sheets of every class, thirty classes a picture, for each split. */
export async function writeSheets(folder: string, classNames: string[], stream: Icons100) {
  for (const split of ['train', 'test'] as const) {
    for (let start = 0; start < classNames.length; start += 30) {
      const rows = classNames
        .slice(start, start + 30)
        .map((label, i) => row(label, evenly(stream[split][start + i]!, 36), 36))
      await writeFile(join(folder, `${split}-${start / 30 + 1}.png`), await contactSheet(rows, 36, 1))
    }
  }
}

const row = (label: string, drawings: Drawing[], columns: number): SheetRow => ({
  label,
  images: drawings.slice(0, columns).map(({ image }) => image),
})

function evenly<T>(items: T[], count: number): T[] {
  const taken = Math.min(count, items.length)
  return Array.from({ length: taken }, (_, i) => items[Math.floor((i * items.length) / taken)]!)
}
