import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file and waits until it is on the disk. */
export async function writeDurably(file: string, data: string | AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'w')
  try {
    if (typeof data === 'string') await handle.writeFile(data)
    else for await (const piece of data) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Most bytes that one read takes: node refuses more than 2 GiB at a time. */
const CHUNK = 1 << 30

/** A whole file, however large. */
export async function readLarge(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const bytes = new Uint8Array((await handle.stat()).size)
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(CHUNK, bytes.length - at), at)
      if (bytesRead === 0) throw new Error('the file became shorter while it was read')
      at += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/** Renames a finished folder into place: others see all of it or nothing, whenever the process or the machine dies. */
export async function publish(from: string, to: string): Promise<void> {
  await syncFolder(from)
  await rm(to, { recursive: true, force: true })
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
