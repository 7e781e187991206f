import { basename, join, resolve, sep } from 'node:path'
import { assertDataset } from '../dataset/dataset'
import type { Dataset, ImageSource } from '../dataset/dataset'
import type { PassedOver } from '../dataset/reading-report'
import { stratifiedSplit } from '../dataset/stratified-split'
import type { SplitOptions } from '../dataset/stratified-split'
import { DataError } from '../errors/data-error'
import type { Orientation } from '../images/orientation'
import { checkImages } from './check-images'
import type { ImageCheck } from './check-images'
import { decodeImage } from './decode-image'
import { fileFingerprint } from './file-fingerprint'
import { foldersIn, imagesUnder, spelling } from './find-images'
import { expected, folderLayout } from './folder-layout'
import type { ClassFolders, FolderKind, FolderLayout } from './folder-layout'
import { passedOverLog } from './passed-over'
import type { PassedOverLog } from './passed-over'
import { adaptiveReader } from './read-image-file'

export interface ImageFolderOptions {
  /** Default: the folder's own name. */
  readonly name?: string
  /** Read beforehand of every image: its header (default), all of it, or nothing. */
  readonly check?: ImageCheck
  /** How images are turned that say how they are to be. Default `as-stored`, as torchvision does. */
  readonly orientation?: Orientation
  /** For folders without a split: what is kept to test with. */
  readonly split?: SplitOptions
  /** For folders without a split that could be read either way: what the folders stand for. */
  readonly kind?: FolderKind
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

/**
 * A dataset of image files, laid out as `folderLayout` says: `train/CLASS/*.jpg` and `test/CLASS/*.jpg` and their kin. Classes
 * are the folders' names, sorted. Files are images by name or by content; what is passed over stands in the dataset's `reading`.
 * Images are decoded when they are needed, never all of them.
 * @throws DataError naming folder or file: `layout`, `no-split`, `class-without-images`, `not-found`, `unreadable-image`,
 *   `foreign-format`, `too-large`, `equal-keys`
 */
export async function imageFolder(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const root = resolve(folder)
  const { name = basename(root), check = 'header', split } = options
  const log = passedOverLog(root)
  const layout = await folderLayout(root, log, options.kind)
  assertSplit(root, layout, split)
  const read = await readFolders(layout, log)
  const { classNames } = read
  const fingerprints = new Map<string, string>()
  const sourceOf = (found: readonly Found[]) => fileSource(name, root, found, layout, fingerprints, options.orientation)
  const source = { train: sourceOf(read.train), test: sourceOf(read.test) }
  const { train, test } = layout.test ? source : stratifiedSplit(source.train, classNames, split!)
  assertClasses(root, classNames, { train, test }, layout)
  await checkImages(
    [...read.train, ...read.test].map(({ file }) => file),
    check,
    { ...options, onFingerprint: (file, fingerprint) => fingerprints.set(file, fingerprint) },
  )
  const dataset: Dataset = {
    name,
    classNames,
    domains: layout.domains?.map(spelling),
    train,
    test,
    reading: report(classNames, { train, test }, layout, split, log.list()),
  }
  assertDataset(dataset)
  return dataset
}

function assertSplit(root: string, layout: FolderLayout, split: SplitOptions | undefined): void {
  if (layout.test && split) {
    throw new DataError(
      'layout',
      `${root} has images to test with of its own: a split of its training images would add others.`,
      {
        subject: root,
        option: 'split',
        remedy: 'Leave the option split away.',
      },
    )
  }
  if (layout.test || split) return
  const what = layout.domains ? 'domains of class folders' : 'class folders'
  throw new DataError('no-split', `${root} has ${what}, but none to test with.`, {
    subject: root,
    option: 'split',
    remedy: `Set the option split, which keeps part of each class to test with, or provide it. ${expected(root)}`,
  })
}

async function readFolders(layout: FolderLayout, log: PassedOverLog) {
  const trained = await Promise.all(
    layout.train.map(async (part) => ({ part, names: await foldersIn(part.folder, log) })),
  )
  const classNames = [...new Set(trained.flatMap(({ names }) => names.map(spelling)))].sort()
  if (classNames.length === 0) {
    const { folder } = layout.train[0]!
    throw new DataError('layout', `${folder} has no class folders.`, { subject: folder, remedy: expected(folder) })
  }
  const labels = new Map(classNames.map((name, label) => [name, label]))
  const train: Found[] = []
  for (const { part, names } of trained) train.push(...(await findImages(part, names, labels, log)))
  const test: Found[] = []
  for (const part of layout.test ?? []) {
    test.push(...(await findImages(part, await foldersIn(part.folder, log), labels, log)))
  }
  return { classNames, train, test }
}

async function findImages(
  { folder, domain }: ClassFolders,
  names: readonly string[],
  labels: ReadonlyMap<string, number>,
  log: PassedOverLog,
): Promise<Found[]> {
  const found: Found[] = []
  for (const name of names) {
    const label = labels.get(spelling(name))
    if (label === undefined) throw noSuchClass(join(folder, name), name, [...labels.keys()])
    for (const file of await imagesUnder(join(folder, name), log)) found.push({ file, label, domain })
  }
  return found
}

function noSuchClass(path: string, name: string, classNames: readonly string[]): DataError {
  const near = classNames.find((known) => known.toLowerCase() === spelling(name).toLowerCase())
  const hint = near === undefined ? '' : ` (but '${near}')`
  return new DataError('class-without-images', `${path}: there is no such class in the training images${hint}.`, {
    subject: path,
    remedy: 'Both splits need the same class folders.',
  })
}

function assertClasses(
  root: string,
  classNames: readonly string[],
  split: { readonly train: ImageSource; readonly test: ImageSource },
  layout: FolderLayout,
): void {
  for (const side of ['train', 'test'] as const) {
    const seen = new Set(split[side].labels)
    const empty = classNames.findIndex((_, label) => !seen.has(label))
    if (empty < 0) continue
    const within = (side === 'test' && layout.test ? layout.test : layout.train)[0]!
    const path = layout.domains ? root : join(within.folder, classNames[empty]!)
    const count = layout.test || side === 'train' ? 'no images' : 'too few images for a split'
    throw new DataError(
      'class-without-images',
      `${path} holds ${count}${layout.domains ? ` of '${classNames[empty]!}'` : ''}.`,
      {
        subject: path,
        remedy: 'Every class needs some to train on and some to test with.',
      },
    )
  }
}

function report(
  classNames: readonly string[],
  { train, test }: { readonly train: ImageSource; readonly test: ImageSource },
  { domains }: FolderLayout,
  split: SplitOptions | undefined,
  passedOver: readonly PassedOver[],
) {
  return {
    classes: classNames.length,
    train: train.length,
    test: test.length,
    ...(domains && { domains: domains.length }),
    ...(split && { split: { testFraction: split.testFraction, seed: split.seed ?? 1993 } }),
    passedOver,
  }
}

function fileSource(
  name: string,
  root: string,
  images: readonly Found[],
  { domains }: FolderLayout,
  fingerprints: ReadonlyMap<string, string>,
  orientation: Orientation = 'as-stored',
): ImageSource {
  const read = adaptiveReader()
  const fileOf = (index: number) => {
    const image = images[index]
    if (!image) throw new RangeError(`${name}: no image ${index}, there are ${images.length}`)
    return image.file
  }
  // An image that is turned is another image to whoever keeps something of it.
  const marked = (fingerprint: string) => (orientation === 'upright' ? `${fingerprint} upright` : fingerprint)
  // Every file lies below the root, by its path. `relative` says the same, but looks at where the process stands first.
  const below = root.endsWith(sep) ? root.length : root.length + 1
  const keyOf = (file: string) => spelling(`${name}/${file.slice(below).split(sep).join('/')}`)
  return {
    length: images.length,
    labels: Int32Array.from(images, ({ label }) => label),
    domains: domains && Int32Array.from(images, ({ domain }) => domain),
    key: (index) => keyOf(fileOf(index)),
    read: (index) => decodeImage(fileOf(index), { orientation }),
    file: fileOf,
    orientation,
    fingerprint(index) {
      const file = fileOf(index)
      const known = fingerprints.get(file)
      return known === undefined ? fileFingerprint(file, read).then(marked) : marked(known)
    },
  }
}
