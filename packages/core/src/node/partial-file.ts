import { open, readFile, rm, stat } from 'node:fs/promises'

/** A file's size in bytes, 0 if there is none. */
export async function sizeOnDisk(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/**
 * Appends what a stream brings to a file, and flushes it to the disk, also when the stream breaks off.
 * @param limit size in bytes that the file may not grow beyond
 * @param onPiece told the bytes of every piece written
 */
export async function appendStream(
  path: string,
  stream: ReadableStream<Uint8Array>,
  limit: number,
  onPiece: (bytes: number) => void,
): Promise<void> {
  const reader = stream.getReader()
  // Opened after the first piece: whoever prepares the stream may still remove the file.
  let piece = await reader.read()
  const file = await open(path, 'a')
  try {
    let { size } = await file.stat()
    while (!piece.done) {
      size += piece.value.length
      if (size > limit) throw new Error(`more than the ${limit} bytes that were announced arrived`)
      await file.writeFile(piece.value)
      onPiece(piece.value.length)
      piece = await reader.read()
    }
  } finally {
    await file.sync()
    await file.close()
    await reader.cancel().catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Takes a lock among the processes of this machine, or returns undefined if a living one holds it. The lock of a dead
 * process is taken over.
 */
export async function lockFile(path: string): Promise<{ release(): Promise<void> } | undefined> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder > 0 && isAlive(holder)) return undefined
    await rm(path, { force: true })
  }
  return undefined
}
