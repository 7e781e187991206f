import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { DownloadError } from './download-error'
import type { DownloadOptions, RemoteFile } from './remote-file'
import { connectionInWords, refusalError, retrySeconds } from './in-words'
import { type Answer, request } from './request'

/** Before a broken connection is taken up again; twice as long after the second failure, and so on. */
const pauseMilliseconds = 250
/** A server that asks for a longer pause is not waited for. */
const longestPauseSeconds = 5

/** More arrived than was announced: what lies on the disk is no part of the file. */
export class TooLong extends Error {}

/** A file's size in bytes, 0 if there is none. */
export async function sizeOnDisk(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** Fills `partial` up to the file's size, from wherever it stands, as often as it takes. */
export async function receive(remote: RemoteFile, partial: string, options: DownloadOptions): Promise<void> {
  const { retries = 3, signal } = options
  let fruitless = 0
  let problem = 'the server sends no more'
  let waiting = 0
  for (;;) {
    const have = await sizeOnDisk(partial)
    if (have === remote.bytes) return
    if (have > remote.bytes) await rm(partial)
    if (fruitless > retries)
      throw new DownloadError({
        code: 'stopped',
        reason: `it stopped at ${have} of ${remote.bytes} bytes: ${problem}`,
      })
    if (fruitless > 0) await pause(Math.max(pauseMilliseconds * fruitless, waiting), undefined, { signal })
    waiting = 0
    try {
      await receivePiece(remote, partial, Math.min(have, remote.bytes), options)
      problem = 'the server sends no more'
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof TooLong || !isPassing(error)) throw error
      problem = connectionInWords(error)
      if (error instanceof Busy) waiting = error.milliseconds
    }
    fruitless = (await sizeOnDisk(partial)) > have ? 0 : fruitless + 1
  }
}

/** A failure that may be over soon; `milliseconds` is what the server asks to wait for. */
class Busy extends Error {
  constructor(
    message: string,
    readonly milliseconds = 0,
  ) {
    super(message)
  }
}

/** Whether the connection failed (fetch rejects with TypeErrors) or the server for a while, rather than the disk. */
const isPassing = (error: unknown): boolean =>
  error instanceof Busy || error instanceof TypeError || (error instanceof Error && error.name === 'AbortError')

/** Appends one answer to `partial`, and flushes it to the disk, also when the answer breaks off. */
async function receivePiece(
  remote: RemoteFile,
  partial: string,
  start: number,
  { signal, onProgress, silence }: DownloadOptions,
): Promise<void> {
  const answer = await request(remote.url, {
    signal,
    silence,
    headers: {
      'accept-encoding': 'identity',
      ...remote.headers,
      ...(start > 0 && { range: `bytes=${start}-` }),
    },
  })
  try {
    await check(answer, partial)
    const { response } = answer
    // Status 200 is the whole file, whatever was asked for.
    const continues =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${start}-`) === true
    let have = continues ? start : 0
    onProgress?.(have, remote.bytes)
    const file = await open(partial, continues ? 'a' : 'w')
    try {
      for await (const piece of answer.pieces()) {
        have += piece.length
        if (have > remote.bytes) throw new TooLong()
        await file.writeFile(piece)
        onProgress?.(have, remote.bytes)
      }
    } finally {
      await file.sync()
      await file.close()
    }
  } finally {
    answer.close()
  }
}

/** Throws unless the answer brings (a rest of) the file. */
async function check({ response }: Answer, partial: string): Promise<void> {
  const { status } = response
  if (status === 416) {
    await rm(partial, { force: true })
    throw new Busy('the server has no such rest of the file')
  }
  if (!response.ok) {
    const error = refusalError(response)
    const seconds = retrySeconds(response) ?? 0
    if ((status >= 500 || status === 429) && seconds <= longestPauseSeconds)
      throw new Busy(error.reason, seconds * 1000)
    throw error
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? ''))
    throw new DownloadError({
      code: 'web-page',
      status,
      reason:
        'a web page came in place of the file: the sign-in page of a network, or a proxy’s error. Open the address in a browser to see it',
    })
}
