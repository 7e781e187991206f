import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { decodeImagePack, encodeImagePack, IMAGE_BYTES } from '@pilotjs/icons-100'
import type { IconSet, PackedSplit } from '@pilotjs/icons-100'
import type { Drawing } from './render'

/** Drawings of one split, one list a class. */
export type SplitDrawings = Drawing[][]

/** Puts drawings into the arrays of a pack, class by class, in the order given. */
export function toSplit(classes: SplitDrawings, setIndex: (prefix: string) => number): PackedSplit {
  const length = classes.reduce((sum, drawings) => sum + drawings.length, 0)
  const split: PackedSplit = {
    length,
    images: new Uint8Array(length * IMAGE_BYTES),
    labels: new Int32Array(length),
    domains: new Uint8Array(length),
    sets: new Uint16Array(length),
  }
  let i = 0
  classes.forEach((drawings, label) => {
    for (const drawing of drawings) {
      split.images.set(drawing.image, i * IMAGE_BYTES)
      split.labels[i] = label
      split.domains[i] = drawing.domain
      split.sets[i] = setIndex(drawing.icon.set)
      i++
    }
  })
  return split
}

/**
 * Writes a compressed image pack with only those sets that have drawings in it, and reads it back to be sure of it.
 *
 * @returns size of the file in bytes
 */
export async function writePack(
  file: string,
  classNames: string[],
  allSets: ReadonlyMap<string, IconSet>,
  splits: Record<string, SplitDrawings>,
): Promise<number> {
  const used = new Set(
    Object.values(splits)
      .flat(2)
      .map(({ icon }) => icon.set),
  )
  const sets = [...used].sort().map((prefix) => allSets.get(prefix)!)
  const index = new Map(sets.map(({ prefix }, i) => [prefix, i]))
  const packed = Object.fromEntries(
    Object.entries(splits).map(([name, classes]) => [name, toSplit(classes, (prefix) => index.get(prefix)!)]),
  )
  const bytes = gzipSync(Buffer.concat(encodeImagePack({ classNames, sets, splits: packed })), {
    level: 9,
    memLevel: 9,
  })
  // byte 9 names the operating system that compressed: 255, unknown, on all of them
  bytes[9] = 255
  const back = decodeImagePack(bytes)
  for (const [name, split] of Object.entries(packed)) {
    if (Buffer.compare(back.splits[name]!.images, split.images) !== 0)
      throw new Error(`${file}: ${name} does not read back.`)
  }
  await writeFile(file, bytes)
  return bytes.length
}
