import type { Dirent } from 'node:fs'
import { open, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { DataError } from '../errors/data-error'
import { formatBytes, imageFormat, isAppleDouble } from './image-format'
import type { PassedOverLog } from './passed-over'

/** Names that promise an image that is read: taken without a look inside, which comes when images are checked. */
const promising = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'])

/**
 * Folders that systems and tools keep beside data, some full of thumbnails: macOS, Windows, Synology and QNAP drives, Linux,
 * Jupyter, version control, caches.
 */
const systemFolders =
  /^(__MACOSX|@eaDir|#recycle|@Recycle|@tmp|\$RECYCLE\.BIN|System Volume Information|lost\+found|__pycache__|\.(AppleDouble|Spotlight-V100|Trashes|Trash(-\d+)?|fseventsd|TemporaryItems|DocumentRevisions-V100|thumbnails|xvpics|picasaoriginals|ipynb_checkpoints|git|svn|hg|dvc|cache|idea|vscode|huggingface|@__thumb))$/i
const systemFiles = /^(\.DS_Store|\.localized|Thumbs\.db|ehthumbs\.db|desktop\.ini|\.picasa\.ini|Icon\r|\.directory)$/i

/** Whether a folder of this name is kept by a system or a tool. */
export const isSystemFolder = (name: string): boolean => systemFolders.test(name)

/** Names as one spelling: file systems and archives differ in how they compose accents (Unicode's normal forms). */
export const spelling = (name: string): string => name.normalize('NFC')

/** Names in a folder's own order: by code units, as Python sorts (beyond the basic plane aside). */
const byName = (a: string, b: string) => {
  const [first, second] = [spelling(a), spelling(b)]
  return first < second ? -1 : first > second ? 1 : 0
}

interface Entries {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/** A folder's subfolders and files by name, sorted; links count as what they lead to. System folders are noted and left out. */
async function entriesOf(folder: string, log: PassedOverLog): Promise<Entries> {
  const folders: string[] = []
  const files: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (isSystemFolder(entry.name) || systemFiles.test(entry.name)) log.note('system', path)
    else if (await leadsToFolder(folder, entry)) folders.push(entry.name)
    else files.push(entry.name)
  }
  return { folders: folders.sort(byName), files: files.sort(byName) }
}

/** @throws DataError for a link that leads nowhere, or back to where it stands: an image or a class may be missing */
async function leadsToFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  const path = join(folder, entry.name)
  const found = await stat(path).catch(() => undefined)
  if (!found) {
    throw new DataError('not-found', `${path} is a link to ${await readlink(path)}, which is not there.`, {
      subject: path,
      remedy: 'Restore what it leads to, or remove the link.',
    })
  }
  if (found.isDirectory() && `${await realpath(folder)}${sep}`.startsWith(`${await realpath(path)}${sep}`)) {
    throw new DataError('layout', `${path} is a link that leads back to a folder it lies in.`, {
      subject: path,
      remedy: 'Remove the link.',
    })
  }
  return found.isDirectory()
}

/**
 * Names of the folders in a folder, sorted. Images that lie beside them are noted as images without a class.
 * @throws DataError on links that lead nowhere, and on two names that look the same
 */
export async function foldersIn(folder: string, log: PassedOverLog): Promise<string[]> {
  const { folders, files } = await entriesOf(folder, log)
  for (const name of files) {
    const path = join(folder, name)
    log.note((await isImage(path)) ? 'no-class' : 'no-image', path)
  }
  const twin = folders.find((name, i) => i > 0 && spelling(folders[i - 1]!) === spelling(name))
  if (twin !== undefined) {
    throw new DataError(
      'layout',
      `${join(folder, twin)}: there are two folders of this name, which differ in the encoding of accents only.`,
      { subject: join(folder, twin), remedy: 'Merge them into one.' },
    )
  }
  return [...folders]
}

/** What a folder holds directly, without a report: its folders' names, and whether any file is an image. */
export async function glance(
  folder: string,
): Promise<{ readonly folders: readonly string[]; readonly images: boolean }> {
  const silent: PassedOverLog = { note: () => undefined, list: () => [] }
  const { folders, files } = await entriesOf(folder, silent)
  for (const name of files) if (await isImage(join(folder, name))) return { folders, images: true }
  return { folders, images: false }
}

/** Whether there is a folder at this path. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * Image files under a folder, in the order torchvision's ImageFolder walks them: folder by folder, sorted by name. A name that
 * promises an image is taken at its word; any other file is an image if its first bytes say so, else it is noted.
 * @throws DataError on an image of a format that can't be read, and on links that lead nowhere
 */
export async function imagesUnder(folder: string, log: PassedOverLog): Promise<string[]> {
  const { folders, files } = await entriesOf(folder, log)
  const images: string[] = []
  for (const name of files) {
    const path = join(folder, name)
    if (await isImage(path)) images.push(path)
    else log.note(name.startsWith('._') ? 'system' : 'no-image', path)
  }
  for (const name of folders) images.push(...(await imagesUnder(join(folder, name), log)))
  return images
}

async function isImage(path: string): Promise<boolean> {
  const promises = promising.has(extname(path).toLowerCase())
  // macOS puts files called ._photo.jpg beside photo.jpg that hold no image.
  const hidden = /[/\\]\.[^/\\]*$/.test(path)
  if (promises && !hidden) return true
  const bytes = await firstBytes(path)
  if (isAppleDouble(bytes)) return false
  const format = imageFormat(bytes)
  if (format && !format.readable) {
    throw new DataError('foreign-format', `Can't read ${path}: ${format.name} is not supported.`, {
      subject: path,
      remedy: 'Convert it to PNG or JPEG, or remove it.',
    })
  }
  return format !== undefined
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const found = await stat(path)
  // A pipe or a socket has no first bytes, and would be waited for.
  if (!found.isFile()) return new Uint8Array()
  const opened = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await opened.read(new Uint8Array(formatBytes), 0, formatBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await opened.close()
  }
}
