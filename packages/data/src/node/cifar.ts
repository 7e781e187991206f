import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readSync, readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { assertDataset } from '../dataset/dataset'
import type { Dataset, ImageSource } from '../dataset/dataset'
import { DataError } from '../errors/data-error'
import { blankImage } from '../images/rgb-image'
import { isSystemFolder } from './find-images'
import { PickleBytes, readPickle } from './pickle'
import type { PickleArray, PickleValue } from './pickle'

const side = 32
const plane = side * side
const imageBytes = plane * 3
/** CIFAR is looked for within a folder of at most so many entries. */
const fewEntries = 20

/** One of CIFAR's files: where its images lie, and their labels. */
interface CifarFile {
  readonly file: string
  readonly labels: readonly number[]
  /** Byte of the first image, and from one image to the next. */
  readonly start: number
  readonly stride: number
  /** The images themselves, where they don't lie in the file as they are. */
  readonly bytes?: Uint8Array
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

/**
 * Where CIFAR lies: the folder itself, or one in it or two folders down, as archives unpack. Undefined where it is not found.
 * @throws DataError where there are two
 */
export function cifarFolderIn(folder: string, depth = 2): string | undefined {
  if (looksLikeCifar(folder)) return folder
  if (depth === 0 || !existsSync(folder)) return undefined
  const inside = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !isSystemFolder(name))
  // A folder of images has many folders or files; what an archive unpacks to has few.
  if (inside.length > fewEntries) return undefined
  const found = inside
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => cifarFolderIn(join(folder, name), depth - 1))
    .filter((path) => path !== undefined)
  if (found.length > 1) {
    throw new DataError('layout', `${folder} holds CIFAR more than once: ${found.join(', ')}.`, {
      subject: folder,
      remedy: 'Name one of these folders.',
    })
  }
  return found[0]
}

/** A folder `train` of images is no CIFAR-100: its `meta` has to be there too. */
function variantIn(folder: string): Variant | undefined {
  return variants.find(({ train, meta }) => existsSync(join(folder, train[0]!)) && existsSync(join(folder, meta)))
}

/**
 * CIFAR-10 or CIFAR-100 from a folder with the python or the binary version, as its archive unpacks. Labels are read at once,
 * images when they are needed, from the file.
 * @throws DataError naming the file that is missing, cut off or of another layout
 */
export async function cifar(folder: string, options: { readonly name?: string } = {}): Promise<Dataset> {
  const root = cifarFolderIn(resolve(folder)) ?? resolve(folder)
  const variant = variantIn(root)
  if (!variant) {
    throw new DataError('layout', `${root} holds neither CIFAR-10 nor CIFAR-100.`, {
      subject: root,
      remedy:
        'Unpack cifar-10-python.tar.gz or cifar-100-python.tar.gz (or the binary version) there, so that it holds the data and ' +
        'meta files.',
    })
  }
  const { name = variant.name } = options
  const read = (names: readonly string[]) => Promise.all(names.map((file) => reading(join(root, file), variant)))
  const classNames = await naming(join(root, variant.meta), () => variant.names(join(root, variant.meta)))
  if (classNames.length !== variant.classes) {
    const meta = join(root, variant.meta)
    throw damaged(meta, `${meta} names ${classNames.length} classes instead of ${variant.classes}.`)
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
    throw damaged(file, `${file}: a label is ${wrong}; ${variant.name} has ${variant.classes} classes.`)
  return found
}

/** Puts the file's name and a remedy before what went wrong with it. */
async function naming<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw damaged(file, `Can't read ${file}: ${reason}.`, error)
  }
}

const damaged = (file: string, problem: string, cause?: unknown) =>
  new DataError('damaged-file', problem, {
    subject: file,
    remedy: 'Unpack the archive again, or delete the folder to download it anew.',
    cause,
  })

/** CIFAR's largest file has 155 MB. */
const largestFile = 2 ** 30

async function readWhole(file: string): Promise<Buffer> {
  const { size } = await stat(file)
  if (size > largestFile) throw new Error(`it has ${size} bytes, which no file of CIFAR has`)
  return readFile(file)
}

async function readPython(file: string, { name }: Variant): Promise<CifarFile> {
  const content = dictionary(readPickle(await readWhole(file)))
  const labels = content.get(name === 'cifar10' ? 'labels' : 'fine_labels')
  const data = content.get('data')
  if (!isNumbers(labels)) throw new Error('it has no list of labels')
  if (!isArray(data) || data.dtype !== 'u1' || data.shape.length !== 2 || data.shape[1] !== imageBytes) {
    throw new Error(`its data is no uint8 array of [images, ${imageBytes}]`)
  }
  if (data.shape[0] !== labels.length || data.data.length !== labels.length * imageBytes) {
    throw new Error(`it has ${labels.length} labels for ${data.data.length / imageBytes} images`)
  }
  const place = { file, labels, start: data.data.start, stride: imageBytes }
  return data.data.inFile ? place : { ...place, bytes: data.data.bytes() }
}

function pythonNames(key: string) {
  return async (file: string): Promise<string[]> => {
    const names = dictionary(readPickle(await readWhole(file))).get(key)
    if (!Array.isArray(names) || !names.every((entry) => entry instanceof PickleBytes))
      throw new Error(`it has no ${key}`)
    return names.map(String)
  }
}

/** Records of label bytes (CIFAR-100: coarse, then fine) and image. */
async function readBinary(file: string, { name }: Variant): Promise<CifarFile> {
  const content = await readWhole(file)
  const head = name === 'cifar10' ? 1 : 2
  const stride = head + imageBytes
  if (content.length === 0 || content.length % stride !== 0) {
    throw new Error(`its ${content.length} bytes are no whole number of images of ${stride} bytes`)
  }
  const labels = Array.from({ length: content.length / stride }, (_, i) => content[i * stride + head - 1]!)
  return { file, labels, start: head, stride }
}

async function textNames(file: string): Promise<string[]> {
  return (await readWhole(file))
    .toString('utf8')
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
    const position = found.start + within * found.stride
    return found.bytes ? found.bytes.subarray(position, position + imageBytes) : readAt(found.file, position)
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
