import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { makeFolder } from '@pilotjs/core/node'

/** A file to be fetched, and how to tell that it is the right one. */
export interface RemoteFile {
  readonly url: string
  /** Its exact size. */
  readonly bytes: number
  readonly checksum: { readonly algorithm: 'md5' | 'sha256'; readonly digest: string }
}

export interface DownloadOptions {
  /** Told as bytes arrive. */
  onProgress?(done: number, total: number): void
  readonly signal?: AbortSignal
  /** How often a broken connection is taken up again. Default 3. */
  readonly retries?: number
}

/** Before a broken connection is taken up again. */
const pauseMilliseconds = 250

/**
 * Fetches a file, continuing what an earlier attempt left (`FILE.part`), and checks its size and checksum before it gets its name.
 * @throws Error naming url and file; what has arrived stays for the next attempt, unless it is wrong
 */
export async function downloadFile(remote: RemoteFile, file: string, options: DownloadOptions = {}): Promise<void> {
  const { retries = 3, signal } = options
  const part = `${file}.part`
  await makeFolder(dirname(file))
  let reason = ''
  let wrong = 0
  for (let attempt = 0; attempt <= retries && wrong < 2; attempt++) {
    if (attempt > 0) await setTimeout(pauseMilliseconds, undefined, { signal })
    signal?.throwIfAborted()
    try {
      await fetchRest(remote, part, options)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof Refused || !isConnection(error)) throw describe(remote, file, error)
      reason = messageOf(error)
      continue
    }
    const size = await sizeOf(part)
    if (size < remote.bytes) {
      reason = `the answer ended after ${size} of ${remote.bytes} bytes`
      continue
    }
    const digest = size > remote.bytes ? undefined : await digestOf(part, remote.checksum.algorithm)
    if (digest === remote.checksum.digest) return rename(part, file)
    await rm(part)
    wrong++
    reason =
      digest === undefined
        ? `the answer is longer than ${remote.bytes} bytes`
        : `its ${remote.checksum.algorithm} is ${digest} instead of ${remote.checksum.digest}`
  }
  throw describe(remote, file, new Error(reason))
}

/** An answer that asking again won't change. */
class Refused extends Error {}

async function fetchRest(
  { url, bytes }: RemoteFile,
  part: string,
  { signal, onProgress }: DownloadOptions,
): Promise<void> {
  let have = await sizeOf(part)
  if (have === bytes) return
  if (have > bytes) {
    await rm(part)
    have = 0
  }
  const response = await fetch(url, {
    signal,
    headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
  })
  if (response.status === 416) {
    await rm(part, { force: true })
    throw new TypeError('the server has no such rest of the file')
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    const answer = `the server answered ${response.status} ${response.statusText}`.trim()
    throw response.status >= 500 ? new TypeError(answer) : new Refused(answer)
  }
  // Status 200 is the whole file, whatever was asked for.
  const continues =
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true
  if (!continues) have = 0
  const target = await open(part, continues ? 'a' : 'w')
  try {
    for await (const chunk of response.body) {
      await target.writeFile(chunk)
      have += chunk.length
      if (have > bytes) return
      onProgress?.(have, bytes)
    }
    await target.sync()
  } finally {
    await target.close()
  }
}

/** Whether the connection failed, rather than the disk: fetch rejects with TypeErrors. */
function isConnection(error: unknown): boolean {
  return error instanceof TypeError
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function digestOf(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

function messageOf(error: unknown): string {
  if (isFullDisk(error)) return 'the disk is full; free some space and start again, what has arrived is kept'
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message
    ? `${error.message} (${error.cause.message})`
    : error.message
}

/** Whether a write failed for want of space. */
export function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

function describe(remote: RemoteFile, file: string, error: unknown): Error {
  return new Error(
    `Can't download ${remote.url}: ${messageOf(error)}. Try again later, or fetch it by other means and put it at ${file}.`,
    { cause: error },
  )
}
