import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Renames a finished folder into place: others see all of it or nothing, whenever the process or the machine dies.
 * @param options.replace whether what is there already goes (default); otherwise it stays, and this is an error
 */
export async function publish(from: string, to: string, { replace = true } = {}): Promise<void> {
  await syncFolder(from)
  if (replace) await rm(to, { recursive: true, force: true })
  await rename(from, to)
  await syncFolder(dirname(to))
}

/** Makes the names in a folder durable. Windows can't and needn't. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
