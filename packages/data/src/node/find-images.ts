import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

const readable = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'])
/** Formats that torchvision's ImageFolder takes and sharp doesn't: passing over them in silence would change the dataset. */
const foreign = new Set(['.bmp', '.ppm', '.pgm'])

/** Names in a folder's own order: by code units, as Python sorts (beyond the basic plane aside). */
const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Names of the folders in a folder, sorted; links to folders count. */
export async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue
    const linked = entry.isSymbolicLink() && (await isFolder(join(folder, entry.name)))
    if (entry.isDirectory() || linked) names.push(entry.name)
  }
  return names.sort(byName)
}

/** Whether there is a folder at this path. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * Image files under a folder, in the order torchvision's ImageFolder walks them: folder by folder, sorted by name.
 * @throws Error on an image of a format that can't be read
 */
export async function imagesUnder(folder: string, depth = 0): Promise<string[]> {
  if (depth > 8) throw new Error(`${folder}: folders are nested too deeply; does a link lead back into itself?`)
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
  const images: string[] = []
  for (const name of files.sort(byName)) {
    const extension = extname(name).toLowerCase()
    const file = join(folder, name)
    if (foreign.has(extension)) throw new Error(`Can't read ${file}: ${extension} is not supported; convert it to PNG.`)
    if (readable.has(extension)) images.push(file)
  }
  for (const name of await foldersIn(folder)) images.push(...(await imagesUnder(join(folder, name), depth + 1)))
  return images
}
