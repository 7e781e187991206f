import { basename, join, relative, resolve, sep } from 'node:path'
import { assertDataset } from '../dataset/dataset'
import type { Dataset, ImageSource } from '../dataset/dataset'
import { checkImages } from './check-images'
import type { ImageCheck } from './check-images'
import { decodeImage } from './decode-image'
import { fileFingerprint } from './file-fingerprint'
import { foldersIn, imagesUnder, isFolder } from './find-images'

export interface ImageFolderOptions {
  /** Default: the folder's own name. */
  readonly name?: string
  /** Read beforehand of every image: its header (default), all of it, or nothing. */
  readonly check?: ImageCheck
  readonly signal?: AbortSignal
  /** Told as images are checked. */
  onProgress?(done: number, total: number): void
}

/** An image file, and what its folders say about it. */
interface Found {
  readonly file: string
  readonly label: number
  readonly domain: number
}

/** A folder whose subfolders are classes, or one such folder a domain. */
interface Split {
  readonly folder: string
  readonly domain: number
}

/**
 * A dataset of image files: `train/CLASS/*.jpg` and `test/CLASS/*.jpg` (or `val/…`); with domains, `DOMAIN/train/CLASS/*.jpg` and
 * so on. Classes are the folders' names, sorted. Images are decoded when they are needed, never all of them.
 * @throws Error naming folder or file when the layout is another, a class has no images, or an image can't be read
 */
export async function imageFolder(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const root = resolve(folder)
  const { name = basename(root), check = 'header' } = options
  const { domains, train, test } = await findSplits(root)
  const classNames = [...new Set((await Promise.all(train.map((split) => foldersIn(split.folder)))).flat())].sort()
  if (classNames.length === 0) {
    throw new Error(`${train[0]!.folder} has no class folders. ${layout(root)}`)
  }
  const [trainImages, testImages] = [await findImages(train, classNames), await findImages(test, classNames)]
  for (const [found, splits] of [
    [trainImages, train],
    [testImages, test],
  ] as const) {
    const seen = new Set(found.map(({ label }) => label))
    const empty = classNames.findIndex((_, label) => !seen.has(label))
    if (empty >= 0) {
      throw new Error(
        `${join(splits[0]!.folder, classNames[empty]!)} holds no images: every class needs some to train on and some to test with.`,
      )
    }
  }
  await checkImages(
    [...trainImages, ...testImages].map(({ file }) => file),
    check,
    options,
  )
  const dataset: Dataset = {
    name,
    classNames,
    domains,
    train: fileSource(name, root, trainImages, domains !== undefined),
    test: fileSource(name, root, testImages, domains !== undefined),
  }
  assertDataset(dataset)
  return dataset
}

async function findSplits(root: string): Promise<{ domains?: string[]; train: Split[]; test: Split[] }> {
  if (!(await isFolder(root))) throw new Error(`There is no folder ${root}. ${layout(root)}`)
  const whole = await splitOf(root, 0)
  if (whole) return { train: [whole.train], test: [whole.test] }
  const names = await foldersIn(root)
  const splits = await Promise.all(names.map((name, domain) => splitOf(join(root, name), domain)))
  if (names.length === 0 || splits.some((split) => split === undefined)) {
    throw new Error(`${root} is not laid out as an image dataset. ${layout(root)}`)
  }
  return { domains: names, train: splits.map((split) => split!.train), test: splits.map((split) => split!.test) }
}

async function splitOf(folder: string, domain: number): Promise<{ train: Split; test: Split } | undefined> {
  if (!(await isFolder(join(folder, 'train')))) return undefined
  for (const name of ['test', 'val']) {
    if (await isFolder(join(folder, name))) {
      return { train: { folder: join(folder, 'train'), domain }, test: { folder: join(folder, name), domain } }
    }
  }
  throw new Error(`${folder} has a train folder, but neither test nor val. ${layout(folder)}`)
}

async function findImages(splits: readonly Split[], classNames: readonly string[]): Promise<Found[]> {
  const labels = new Map(classNames.map((name, label) => [name, label]))
  const found: Found[] = []
  for (const { folder, domain } of splits) {
    for (const name of await foldersIn(folder)) {
      const label = labels.get(name)
      if (label === undefined) {
        throw new Error(
          `${join(folder, name)}: there is no such class in the training images; both splits need the same class folders.`,
        )
      }
      for (const file of await imagesUnder(join(folder, name))) found.push({ file, label, domain })
    }
  }
  return found
}

function fileSource(name: string, root: string, images: readonly Found[], domains: boolean): ImageSource {
  const fileOf = (index: number) => {
    const image = images[index]
    if (!image) throw new RangeError(`${name}: no image ${index}, there are ${images.length}`)
    return image.file
  }
  return {
    length: images.length,
    labels: Int32Array.from(images, ({ label }) => label),
    domains: domains ? Int32Array.from(images, ({ domain }) => domain) : undefined,
    key: (index) => `${name}/${relative(root, fileOf(index)).split(sep).join('/')}`,
    read: (index) => decodeImage(fileOf(index)),
    file: fileOf,
    fingerprint: (index) => fileFingerprint(fileOf(index)),
  }
}

function layout(root: string): string {
  return `Expected: ${join(root, 'train', 'CLASS', '*.jpg')} and ${join(root, 'test', 'CLASS', '*.jpg')}.`
}
