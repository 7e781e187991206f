import { createHash } from 'node:crypto'
import { existsSync, openSync, closeSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { assertDataset } from '../dataset/dataset'
import type { Dataset, ImageSource } from '../dataset/dataset'
import { blankImage } from '../images/rgb-image'
import { PickleBytes, readPickle } from './pickle'
import type { PickleArray, PickleValue } from './pickle'

const side = 32
const plane = side * side
const imageBytes = plane * 3

/** One of CIFAR's files: where its images lie, and their labels. */
interface CifarFile {
  readonly file: string
  readonly labels: readonly number[]
  /** Byte of the first image, and from one image to the next. */
  readonly start: number
  readonly stride: number
}

/** A variant of CIFAR: how its files are called and read. */
interface Variant {
  readonly name: 'cifar10' | 'cifar100'
  readonly train: readonly string[]
  readonly test: readonly string[]
  readonly meta: string
  readonly classes: number
  read(file: string, variant: Variant): Promise<CifarFile>
  names(file: string): Promise<string[]>
}

const batches = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5']

/** By the files that tell them apart (https://www.cs.toronto.edu/~kriz/cifar.html describes the layouts). */
const variants: readonly Variant[] = [
  {
    name: 'cifar100',
    train: ['train'],
    test: ['test'],
    meta: 'meta',
    classes: 100,
    read: readPython,
    names: pythonNames('fine_label_names'),
  },
  {
    name: 'cifar10',
    train: batches,
    test: ['test_batch'],
    meta: 'batches.meta',
    classes: 10,
    read: readPython,
    names: pythonNames('label_names'),
  },
  {
    name: 'cifar100',
    train: ['train.bin'],
    test: ['test.bin'],
    meta: 'fine_label_names.txt',
    classes: 100,
    read: readBinary,
    names: textNames,
  },
  {
    name: 'cifar10',
    train: batches.map((name) => `${name}.bin`),
    test: ['test_batch.bin'],
    meta: 'batches.meta.txt',
    classes: 10,
    read: readBinary,
    names: textNames,
  },
]

/** Whether a folder holds one of CIFAR's layouts, complete or not. */
export function looksLikeCifar(folder: string): boolean {
  return variantIn(folder) !== undefined
}

/** A folder `train` of images is no CIFAR-100: its `meta` has to be there too. */
function variantIn(folder: string): Variant | undefined {
  return variants.find(({ train, meta }) => existsSync(join(folder, train[0]!)) && existsSync(join(folder, meta)))
}

/**
 * CIFAR-10 or CIFAR-100 from a folder with the python or the binary version, as its archive unpacks. Labels are read at once,
 * images when they are needed, from the file.
 * @throws Error naming the file that is missing, cut off or of another layout
 */
export async function cifar(folder: string, options: { readonly name?: string } = {}): Promise<Dataset> {
  const root = resolve(folder)
  const variant = variantIn(root)
  if (!variant) {
    throw new Error(
      `${root} holds neither CIFAR-10 nor CIFAR-100: unpack cifar-10-python.tar.gz or cifar-100-python.tar.gz ` +
        '(or the binary version) there, so that it holds the data and meta files directly.',
    )
  }
  const { name = variant.name } = options
  const read = (names: readonly string[]) => Promise.all(names.map((file) => reading(join(root, file), variant)))
  const classNames = await naming(join(root, variant.meta), () => variant.names(join(root, variant.meta)))
  if (classNames.length !== variant.classes) {
    throw new Error(`${join(root, variant.meta)} names ${classNames.length} classes instead of ${variant.classes}.`)
  }
  const dataset: Dataset = {
    name,
    classNames,
    train: cifarSource(`${name}/train`, await read(variant.train)),
    test: cifarSource(`${name}/test`, await read(variant.test)),
  }
  assertDataset(dataset)
  return dataset
}

/** Reads one file whole, to find labels and the place of the images, and lets go of it. */
async function reading(file: string, variant: Variant): Promise<CifarFile> {
  const found = await naming(file, () => variant.read(file, variant))
  const wrong = found.labels.find((label) => !(label >= 0 && label < variant.classes))
  if (wrong !== undefined)
    throw new Error(`${file}: a label is ${wrong}; ${variant.name} has ${variant.classes} classes.`)
  return found
}

/** Puts the file's name and a remedy before what went wrong with it. */
async function naming<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `Can't read ${file}: ${reason}. Unpack the archive again, or delete the folder to download it anew.`,
      {
        cause: error,
      },
    )
  }
}

async function readPython(file: string, { name }: Variant): Promise<CifarFile> {
  const content = dictionary(readPickle(await readFile(file)))
  const labels = content.get(name === 'cifar10' ? 'labels' : 'fine_labels')
  const data = content.get('data')
  if (!isNumbers(labels)) throw new Error('it has no list of labels')
  if (!isArray(data) || data.dtype !== 'u1' || data.shape.length !== 2 || data.shape[1] !== imageBytes) {
    throw new Error(`its data is no uint8 array of [images, ${imageBytes}]`)
  }
  if (data.shape[0] !== labels.length || data.data.length !== labels.length * imageBytes) {
    throw new Error(`it has ${labels.length} labels for ${data.data.length / imageBytes} images`)
  }
  return { file, labels, start: data.data.start, stride: imageBytes }
}

function pythonNames(key: string) {
  return async (file: string): Promise<string[]> => {
    const names = dictionary(readPickle(await readFile(file))).get(key)
    if (!Array.isArray(names) || !names.every((entry) => entry instanceof PickleBytes))
      throw new Error(`it has no ${key}`)
    return names.map(String)
  }
}

/** Records of label bytes (CIFAR-100: coarse, then fine) and image. */
async function readBinary(file: string, { name }: Variant): Promise<CifarFile> {
  const content = await readFile(file)
  const head = name === 'cifar10' ? 1 : 2
  const stride = head + imageBytes
  if (content.length === 0 || content.length % stride !== 0) {
    throw new Error(`its ${content.length} bytes are no whole number of images of ${stride} bytes`)
  }
  const labels = Array.from({ length: content.length / stride }, (_, i) => content[i * stride + head - 1]!)
  return { file, labels, start: head, stride }
}

async function textNames(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function cifarSource(prefix: string, files: readonly CifarFile[]): ImageSource {
  const labels = Int32Array.from(files.flatMap((file) => file.labels))
  const bytesOf = (index: number) => {
    let within = index
    const found = files.find((file) => {
      if (within < file.labels.length) return true
      within -= file.labels.length
      return false
    })
    if (!found || !(within >= 0)) throw new RangeError(`${prefix}: no image ${index}, there are ${labels.length}`)
    return readAt(found.file, found.start + within * found.stride)
  }
  return {
    length: labels.length,
    labels,
    key: (index) => `${prefix}/${index}`,
    read: (index) => interleave(bytesOf(index)),
    fingerprint: (index) => createHash('sha256').update(bytesOf(index)).digest('hex').slice(0, 32),
  }
}

/** One image's bytes. The file is opened for it: datasets need no closing, and 10 µs matter little beside a resize. */
function readAt(file: string, position: number): Uint8Array {
  const planes = new Uint8Array(imageBytes)
  const opened = openSync(file, 'r')
  try {
    const count = readSync(opened, planes, 0, imageBytes, position)
    if (count < imageBytes) throw new Error(`${file} (${basename(file)}) has become shorter since it was opened`)
  } finally {
    closeSync(opened)
  }
  return planes
}

/** Red, green and blue planes to pixels. */
function interleave(planes: Uint8Array) {
  const image = blankImage(side, side)
  for (let i = 0; i < plane; i++) {
    image.data[i * 3] = planes[i]!
    image.data[i * 3 + 1] = planes[plane + i]!
    image.data[i * 3 + 2] = planes[2 * plane + i]!
  }
  return image
}

function dictionary(value: PickleValue): ReadonlyMap<string, PickleValue> {
  if (!(value instanceof Map)) throw new Error('it holds no dictionary')
  return value
}

function isNumbers(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isInteger(entry))
}

function isArray(value: PickleValue | undefined): value is PickleArray {
  return typeof value === 'object' && value !== null && 'kind' in value
}
