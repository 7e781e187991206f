import { createHash } from 'node:crypto'
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

const SHEET_COLUMNS = 32
const SHEET_ROWS = 28

/**
 * Every drawing of every class on contact sheets, training and test mixed in an order that tells neither, and `drawings.txt` with
 * their names by class and number. A row is labelled with its class, or with the number of its first drawing.
 */
export async function writeSheets(folder: string, classNames: string[], stream: Icons100) {
  const rows: SheetRow[] = []
  const names: string[] = []
  classNames.forEach((label, c) => {
    const drawings = [...stream.train[c]!, ...stream.test[c]!].sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))
    for (let start = 0; start < drawings.length; start += SHEET_COLUMNS) {
      rows.push(row(start === 0 ? label : `${start}`, drawings.slice(start), SHEET_COLUMNS))
    }
    names.push(...drawings.map(({ icon }, i) => `${label} ${i} ${icon.set}:${icon.name}`))
  })
  for (let start = 0; start < rows.length; start += SHEET_ROWS) {
    const sheet = await contactSheet(rows.slice(start, start + SHEET_ROWS), SHEET_COLUMNS, 1)
    await writeFile(join(folder, `sheet-${1 + start / SHEET_ROWS}.png`), sheet)
  }
  await writeFile(join(folder, 'drawings.txt'), `${names.join('\n')}\n`)
}

const hashOf = ({ icon }: Drawing) => createHash('sha256').update(`${icon.set}:${icon.name}`).digest('hex')

const row = (label: string, drawings: Drawing[], columns: number): SheetRow => ({
  label,
  images: drawings.slice(0, columns).map(({ image }) => image),
})

function evenly<T>(items: T[], count: number): T[] {
  const taken = Math.min(count, items.length)
  return Array.from({ length: taken }, (_, i) => items[Math.floor((i * items.length) / taken)]!)
}
