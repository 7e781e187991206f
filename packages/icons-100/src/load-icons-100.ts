import { readBytes } from '@pilotjs/core/files'
import { inMemoryDataset } from '@pilotjs/data'
import type { Dataset } from '@pilotjs/data'
import { decodeImagePack, DOMAINS, IMAGE_SIZE } from './image-pack'
import type { IconSet, PackedSplit } from './image-pack'

/** Icons-100: a dataset, and what its drawings are and where they come from. */
export interface Icons100 extends Dataset {
  readonly domains: typeof DOMAINS
  /** every icon set with a drawing here, its author, licence and family */
  readonly sets: readonly IconSet[]
  /** the same images as plain arrays, for those who want no loader */
  readonly arrays: { readonly train: PackedSplit; readonly test: PackedSplit }
}

/**
 * Loads the data set that comes with this package: 100 classes of 32 × 32 icons in a fixed order, train and test from
 * different families of icon sets. Works in Node (reads the file) and in a browser (fetches it).
 *
 * @param url where the data file lies, if a bundler has moved it
 * @throws Error if the file is missing or damaged
 */
export async function loadIcons100(
  url: URL | string = new URL('../data/icons-100.bin', import.meta.url),
): Promise<Icons100> {
  const { classNames, sets, splits } = decodeImagePack(await readBytes(new URL(url)))
  const { train, test } = splits
  if (!train || !test) throw new Error(`${String(url)} is an image pack, but not Icons-100: it has no train and test.`)
  const dataset = inMemoryDataset({
    name: 'icons-100',
    classNames,
    domains: DOMAINS,
    train: imageArray(train),
    test: imageArray(test),
  })
  return { ...dataset, domains: DOMAINS, sets, arrays: { train, test } }
}

const imageArray = ({ images, labels, domains }: PackedSplit) => ({
  pixels: images,
  height: IMAGE_SIZE,
  width: IMAGE_SIZE,
  labels,
  domains,
})
