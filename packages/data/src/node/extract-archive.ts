import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, posix, win32 } from 'node:path'
import { isFullDisk, makeFolder } from '@pilotjs/core/node'
import type { DataErrorCode } from '../errors/data-error'
import { DataError } from '../errors/data-error'
import { isSystemFolder } from './find-images'

export interface ExtractOptions {
  /** All entries together, unpacked. Default 16 GiB. */
  readonly maxBytes?: number
  /** Default one million. */
  readonly maxEntries?: number
}

/**
 * Unpacks a `.tar` or `.tar.gz` whose only folder becomes `folder`. It is looked through before anything is written: entries that
 * are no plain files or folders, or whose path leads elsewhere, and archives that unpack to more than the limits are refused.
 * `folder` appears when it is complete.
 * @throws DataError naming the archive: `damaged-file` (cut off, corrupt, of another layout), `unsafe-archive`, `too-large`
 */
export async function extractArchive(archive: string, folder: string, options: ExtractOptions = {}): Promise<void> {
  await makeFolder(dirname(folder))
  // Loaded where there is an archive.
  const { extract } = await import('tar')
  const scratch = await mkdtemp(join(dirname(folder), '.unpacking-'))
  try {
    await reading(archive, async () => {
      await lookThrough(archive, options)
      await extract({ file: archive, cwd: scratch, strict: true, preserveOwner: false })
      const names = (await readdir(scratch)).filter((name) => !isSystemFolder(name) && !name.startsWith('._'))
      if (names.length !== 1) throw new Error(`it holds ${names.length} entries at its top instead of one folder`)
      await rename(join(scratch, names[0]!), folder)
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Reads the headers of all entries, and stops at the first that shows too much. */
async function lookThrough(archive: string, options: ExtractOptions): Promise<void> {
  const { maxBytes = 2 ** 34, maxEntries = 1_000_000 } = options
  const unsafe: string[] = []
  let bytes = 0
  let entries = 0
  const excess = () => {
    if (bytes > maxBytes) return `it unpacks to more than ${maxBytes} bytes`
    return entries > maxEntries ? `it holds more than ${maxEntries} entries` : undefined
  }
  const { Parser } = await import('tar')
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      bytes += entry.size
      entries++
      if (!isSafe(entry.path, entry.type)) unsafe.push(`${entry.path} (${entry.type})`)
      const found = excess()
      if (found) parser.abort(refused('too-large', archive, found))
      entry.resume()
    },
  })
  const source = createReadStream(archive)
  await new Promise<void>((resolve, reject) => {
    parser.on('error', reject)
    parser.on('end', resolve)
    source.on('error', reject)
    source.on('data', (chunk) => {
      if (parser.write(chunk)) return
      source.pause()
      parser.once('drain', () => source.resume())
    })
    source.on('end', () => parser.end())
  }).finally(() => source.destroy())
  if (unsafe.length > 0) {
    const reason = `it holds entries that may not be unpacked: ${unsafe.slice(0, 5).join(', ')}`
    throw refused('unsafe-archive', archive, reason)
  }
}

/** Plain relative paths of files and folders; no links, no devices, nothing that climbs. */
function isSafe(path: string, type: string): boolean {
  if (!['File', 'OldFile', 'ContiguousFile', 'Directory'].includes(type)) return false
  if (posix.isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path) || path.includes('\0')) return false
  return !path.split(/[/\\]/).includes('..')
}

async function reading(archive: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof DataError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw refused('damaged-file', archive, reason, error)
  }
}

function refused(code: DataErrorCode, archive: string, reason: string, cause?: unknown): DataError {
  const remedy = isFullDisk(cause) ? 'Free some space and start again.' : 'Delete it and download it again.'
  return new DataError(code, `Can't unpack ${archive}: ${reason}.`, { subject: archive, remedy, cause })
}
