import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and what is missing above it, one level at a time: Node's own recursive `mkdir` never ends in a place such as
 * /proc, which answers "no such file" however often its parent is made. Others may make the same folders meanwhile.
 */
export async function makeFolder(folder: string): Promise<void> {
  if ((await attempt(folder)) === 'made') return
  await makeFolder(dirname(folder))
  if ((await attempt(folder)) === 'parent missing') throw new Error(`${folder} vanishes as it is made`)
}

/** Makes one level. @throws the system's error where a folder above it that is missing isn't what keeps it from being made */
async function attempt(folder: string, again = true): Promise<'made' | 'parent missing'> {
  try {
    await mkdir(folder)
    return 'made'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' && (await isFolder(folder))) return 'made'
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    if (await isFolder(dirname(folder))) {
      // Another may have made the parent since; in a place such as /proc it was there all along.
      if (again) return attempt(folder, false)
      throw error
    }
    return 'parent missing'
  }
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
