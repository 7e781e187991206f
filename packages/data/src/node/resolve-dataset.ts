import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { nearestName } from '@pilotjs/core/names'
import { downloadFile } from '@pilotjs/download'
import type { Dataset } from '../dataset/dataset'
import { DataError } from '../errors/data-error'
import { StreamOptionError } from '../errors/stream-option-error'
import { catalogue } from './catalogue'
import type { DatasetEntry } from './catalogue'
import { cifar, cifarFolderIn } from './cifar'
import { extractArchive } from './extract-archive'
import { imageFolder } from './image-folder'
import type { ImageFolderOptions } from './image-folder'

export interface ResolveDatasetOptions extends Pick<ImageFolderOptions, 'check' | 'orientation' | 'split' | 'kind'> {
  /** Folder that named datasets lie in. Default `data`, as in PILOT. */
  readonly root?: string
  /** Fetch what is missing, where that is allowed (CIFAR). Default false. */
  readonly download?: boolean
  /** Datasets of other packages, by name: `{ 'icons-100': () => import('@pilotjs/icons-100')… }`. */
  readonly others?: Readonly<Record<string, () => Dataset | Promise<Dataset>>>
  /** Instead of this package's own list. */
  readonly catalogue?: readonly DatasetEntry[]
  readonly signal?: AbortSignal
  /** Told how far a download (in bytes), or the check of image files (in files), has come. */
  onProgress?(stage: 'download' | 'check', done: number, total: number): void
}

/**
 * A dataset by name (`cifar100`, `imagenetr`, …) or by folder (`train/CLASS/*.jpg` and `test/CLASS/*.jpg`, or unpacked CIFAR).
 * @throws StreamOptionError on `split`, `kind` or `orientation` for what is no folder of image files; DataError naming the
 *   folder to fill when the dataset is not there, the nearest name when there is none such; and what `imageFolder` and `cifar`
 *   throw
 */
export async function resolveDataset(nameOrFolder: string, options: ResolveDatasetOptions = {}): Promise<Dataset> {
  const { root = 'data', others = {}, catalogue: entries = catalogue } = options
  if (Object.hasOwn(others, nameOrFolder)) {
    refuseFolderOptions(nameOrFolder, options)
    return others[nameOrFolder]!()
  }
  const entry = entries.find(({ name }) => name === nameOrFolder.toLowerCase())
  if (entry) return named(entry, resolve(root), options)
  if (existsSync(nameOrFolder)) return fromFolder(resolve(nameOrFolder), basename(resolve(nameOrFolder)), options)
  const names = [...Object.keys(others), ...entries.map(({ name }) => name)]
  const near = nearestName(nameOrFolder, names)
  throw new DataError(
    'unknown-dataset',
    `There is no dataset, nor a folder, called '${nameOrFolder}'.${near ? ` Did you mean '${near}'?` : ''}`,
    { subject: nameOrFolder, remedy: `Named datasets: ${names.join(', ')}.` },
  )
}

/** Options that only folders of image files have would change nothing. @throws StreamOptionError naming one that is given */
function refuseFolderOptions(name: string, options: ResolveDatasetOptions): void {
  for (const option of ['split', 'kind', 'orientation'] as const)
    if (options[option] !== undefined) {
      const message = `Dataset '${name}' is no folder of image files: the option ${option} would change nothing`
      throw new StreamOptionError(option, options[option], message)
    }
}

async function named(entry: DatasetEntry, root: string, options: ResolveDatasetOptions): Promise<Dataset> {
  const folder = join(root, entry.folder)
  if (!existsSync(folder)) {
    if (!entry.download || !options.download) throw missing(entry, folder)
    await fetchDataset(entry, folder, options)
  }
  const dataset = await fromFolder(folder, entry.name, options)
  if (dataset.classNames.length !== entry.classes) {
    throw new DataError(
      'layout',
      `${folder} holds ${dataset.classNames.length} classes, ${entry.name} has ${entry.classes}.`,
      { subject: folder, remedy: 'Complete it, or give the folder instead of the name to take it as it is.' },
    )
  }
  return dataset
}

async function fromFolder(folder: string, name: string, options: ResolveDatasetOptions): Promise<Dataset> {
  const pickled = cifarFolderIn(folder)
  if (pickled !== undefined) {
    refuseFolderOptions(name, options)
    return cifar(pickled, { name })
  }
  const { check, orientation, split, kind, signal } = options
  return imageFolder(folder, {
    name,
    check,
    orientation,
    split,
    kind,
    signal,
    onProgress: (done, total) => options.onProgress?.('check', done, total),
  })
}

async function fetchDataset(entry: DatasetEntry, folder: string, options: ResolveDatasetOptions): Promise<void> {
  const remote = entry.download!
  const archive = join(dirname(folder), basename(new URL(remote.url).pathname))
  if (!existsSync(archive)) {
    await downloadFile(remote, archive, {
      signal: options.signal,
      onProgress: (done, total) => options.onProgress?.('download', done, total),
    })
  }
  await extractArchive(archive, folder)
  await rm(archive)
}

function missing({ name, kind, download, homepage }: DatasetEntry, folder: string): Error {
  const fill =
    kind === 'cifar'
      ? `Unpack the python version from ${homepage} so that it becomes ${folder}`
      : `Fill ${join(folder, 'train', 'CLASS', '*.jpg')} and ${join(folder, 'test', 'CLASS', '*.jpg')}; get the images from ${homepage}`
  const allowed = download ? `, or allow the download (${Math.round(download.bytes / 1e6)} MB).` : '.'
  return new DataError('missing-dataset', `Dataset '${name}' is not there: ${folder} doesn't exist.`, {
    subject: name,
    remedy: `${fill}${allowed}`,
  })
}
