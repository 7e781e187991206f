import { DataError } from '../errors/data-error'
import type { Orientation } from '../images/orientation'
import type { RgbImage } from '../images/rgb-image'
import type { ReadingReport } from './reading-report'

/** Images that are read one at a time, with their labels known beforehand. */
export interface ImageSource {
  readonly length: number
  /** Class of each image: a position in the dataset's `classNames`. */
  readonly labels: Int32Array
  /** Domain of each image: a position in the dataset's `domains`. */
  readonly domains?: Int32Array
  /** A name that is unique in the dataset (train and test together) and the same in every run. */
  key(index: number): string
  /** Decodes one image; called again whenever the image is needed again. */
  read(index: number): RgbImage | Promise<RgbImage>
  /** The encoded image's file, where there is one: a worker thread then decodes it itself. */
  file?(index: number): string
  /** How the files are turned when they are decoded. Default `as-stored`. */
  readonly orientation?: Orientation
  /** Short text that changes when the image's contents do, where that costs less than decoding: how changed data are noticed. */
  fingerprint?(index: number): string | Promise<string>
}

/** Labelled images with a train and a test split. */
export interface Dataset {
  readonly name: string
  readonly classNames: readonly string[]
  readonly train: ImageSource
  readonly test: ImageSource
  /** Names of the domains (styles, places, sensors) that the images come from. */
  readonly domains?: readonly string[]
  /** What reading it from files came to. */
  readonly reading?: ReadingReport
}

const sound = new WeakSet<Dataset>()

/**
 * @throws RangeError when labels or domains of a split don't fit the dataset; DataError (`equal-keys`) when two images have one
 * key
 */
export function assertDataset(dataset: Dataset): void {
  if (sound.has(dataset)) return
  const { name, classNames, domains } = dataset
  for (const split of ['train', 'test'] as const) {
    const source = dataset[split]
    const where = `dataset '${name}', ${split}`
    assertIndices(source.labels, source.length, classNames.length, `${where}: labels`, 'classNames')
    if (source.domains) {
      assertIndices(source.domains, source.length, domains?.length ?? 0, `${where}: domains`, "the dataset's domains")
    }
  }
  assertKeys(dataset)
  sound.add(dataset)
}

/** Caches and memories know an image by its key alone. */
function assertKeys({ name, train, test }: Dataset): void {
  const keys = new Set<string>()
  for (const source of [train, test]) {
    for (let index = 0; index < source.length; index++) {
      const key = source.key(index)
      if (keys.has(key)) {
        throw new DataError('equal-keys', `Dataset '${name}': two images have the key '${key}'.`, {
          subject: key,
          remedy: 'Give every image, of train and test together, a key of its own.',
        })
      }
      keys.add(key)
    }
  }
}

function assertIndices(values: Int32Array, length: number, bound: number, what: string, names: string): void {
  if (values.length !== length) {
    throw new RangeError(`${what}: ${length} images need as many numbers, got ${values.length}`)
  }
  const wrong = values.findIndex((value) => value < 0 || value >= bound)
  if (wrong >= 0) {
    throw new RangeError(
      `${what}: image ${wrong} has ${values[wrong]}, but ${names} has ${bound} entries (0 … ${bound - 1})`,
    )
  }
}
