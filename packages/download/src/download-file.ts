import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, refusalOf, takeLock } from '@pilotjs/core/node'
import { digestOfFile } from './checksum'
import { DownloadError } from './download-error'
import { connectionInWords } from './in-words'
import { TooLong, receive } from './receive'
import type { DownloadOptions, RemoteFile } from './remote-file'

/**
 * Fetches a file, continuing what an earlier attempt left beside it, and checks its size and checksum before it gets its
 * name. Proxies of the environment are used. While another process downloads the same file, this one goes its own way;
 * whoever ends last replaces equal by equal.
 * @throws DownloadError naming the file and why; what has arrived stays for the next attempt, unless it is wrong
 */
export async function downloadFile(remote: RemoteFile, file: string, options: DownloadOptions = {}): Promise<void> {
  const subject = remote.name ?? remote.url
  try {
    await makeFolder(dirname(file))
    const lock = await takeLock(`${file}.lock`)
    try {
      await fetchTo(remote, file, lock.held, options)
    } finally {
      if (lock.held) await lock.release()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    const { code, status, reason } = explain(error)
    throw new DownloadError({ code, status, subject, reason, cause: error })
  }
}

async function fetchTo(remote: RemoteFile, file: string, shared: boolean, options: DownloadOptions): Promise<void> {
  const id = (remote.checksum?.digest ?? String(remote.bytes)).slice(0, 12)
  const partial = shared ? `${file}.${id}.partial` : `${file}.${id}.${randomUUID()}.partial`
  try {
    for (let wrong = 0; ;) {
      const problem = await attempt(remote, partial, options)
      if (problem === undefined) return await rename(partial, file)
      await rm(partial, { force: true })
      if (++wrong === 2) throw new DownloadError({ code: 'wrong-content', reason: problem })
    }
  } finally {
    if (!shared) await rm(partial, { force: true })
  }
}

/** @returns what is wrong with what arrived, or undefined */
async function attempt(remote: RemoteFile, partial: string, options: DownloadOptions): Promise<string | undefined> {
  try {
    await receive(remote, partial, options)
  } catch (error) {
    if (error instanceof TooLong) return `the answer is longer than ${remote.bytes} bytes`
    throw error
  }
  if (!remote.checksum) return undefined
  const { algorithm, digest: wanted } = remote.checksum
  const digest = await digestOfFile(partial, algorithm)
  if (digest === wanted.toLowerCase()) return undefined
  return (
    `its ${algorithm === 'git' ? 'git id' : algorithm} is ${digest} instead of ${wanted}: ` +
    'something on the way (a proxy, a mirror) changes it, or it was replaced'
  )
}

function explain(error: unknown): { code: DownloadError['code']; reason: string; status?: number } {
  if (error instanceof DownloadError) {
    const kept = error.code === 'stopped' ? '. What has arrived is kept; start again to go on from there' : ''
    return { code: error.code, status: error.status, reason: error.reason + kept }
  }
  const refusal = refusalOf(error)
  if (refusal === undefined) return { code: 'stopped', reason: connectionInWords(error) }
  return { code: 'disk', reason: `${refusal}. What has arrived is kept; start again to go on from there` }
}
