import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { HubApiError, downloadFile, pathsInfo } from '@huggingface/hub'
import { messageOf } from '../engine/engines'
import { writeFileAtomic } from './atomic-file'
import { cacheFolder } from './cache-folder'
import { gitIdOfFile, sha256OfFile } from './checksum'
import { makeFolder } from './make-folder'
import { appendStream, lockFile, sizeOnDisk } from './partial-file'

export interface DownloadProgress {
  /** e.g. `timm/vit_tiny_patch16_224.augreg_in21k/model.safetensors` */
  readonly file: string
  /** Bytes on disk so far, those of an earlier, interrupted download included. */
  readonly received: number
  readonly total: number
}

export interface HubOptions {
  /** Default: `cacheFolder('hub')`. */
  cache?: string
  /** Branch, tag or commit. Default `main`. */
  revision?: string
  /** Default: the environment's `HF_ENDPOINT`, else https://huggingface.co. */
  endpoint?: string
  /** Use what is in the cache and nothing else. Default: the environment's `HF_HUB_OFFLINE`. */
  offline?: boolean
  /** For repositories that are not public. Default: the environment's `HF_TOKEN`. */
  accessToken?: string
  onProgress?(progress: DownloadProgress): void
  signal?: AbortSignal
}

/** A download that failed; the message names the file, why, and what to do. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
}

/** What the hub says a file is. */
interface Expected {
  readonly size: number
  /** SHA-256 of a large file's content (git LFS), or git's own id of a small one. */
  readonly sha256?: string
  readonly gitId?: string
}

/** Tries in a row that bring nothing new before a download is given up, and the pause after such a one. */
const patience = 3
const pause = 250

const isTrue = (text: string | undefined) => /^(1|true|yes|on)$/i.test(text ?? '')

/**
 * The path of a file of the Hugging Face Hub, downloaded into the cache if it is not there. An interrupted download goes on
 * where it stopped; a finished one is checked by size and checksum before it gets its name.
 * @param repository `owner/name`
 * @throws DownloadError
 */
export async function downloadFromHub(repository: string, path: string, options: HubOptions = {}): Promise<string> {
  const file = `${repository}/${path}`
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || repository.split('/').some((part) => /^\.+$/.test(part)))
    throw new DownloadError(`"${repository}" is no repository of the Hugging Face Hub; it should read owner/name`)
  const { revision = 'main', offline = isTrue(process.env.HF_HUB_OFFLINE) } = options
  const folder = join(options.cache ?? cacheFolder('hub'), repository.replace('/', '--'), encodeURIComponent(revision))
  const target = join(folder, path)
  if (await isComplete(target)) return target
  const byHand = `Or get ${path} by hand and give its path.`
  if (offline)
    throw new DownloadError(`${file} is not in the cache, and HF_HUB_OFFLINE forbids to download it. ${byHand}`)
  try {
    await makeFolder(dirname(target))
    const expected = await describe(repository, path, revision, options)
    await fetchTo(target, expected, { repository, path, revision, file }, options)
    await writeFileAtomic(recordOf(target), JSON.stringify({ ...expected, from: file, revision }))
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    if (error instanceof DownloadError) throw error
    throw new DownloadError(`cannot download ${file}: ${reasonOf(error)}. ${byHand}`, { cause: error })
  }
  return target
}

const recordOf = (target: string) => `${target}.json`

/** A file counts once its record is written, and as long as it has the size that the record says. */
async function isComplete(target: string): Promise<boolean> {
  try {
    const { size } = JSON.parse(await readFile(recordOf(target), 'utf8')) as Expected
    return (await stat(target)).size === size
  } catch {
    return false
  }
}

/** The checksum that a downloaded file was checked by, where the hub told one. */
export async function recordedSha256(target: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(recordOf(target), 'utf8')) as Expected).sha256
  } catch {
    return undefined
  }
}

/** Forgets a downloaded file, so that it is fetched anew. */
export async function forgetDownload(target: string): Promise<void> {
  await Promise.all([rm(target, { force: true }), rm(recordOf(target), { force: true })])
}

const endpointOf = ({ endpoint }: HubOptions) =>
  (endpoint ?? (process.env.HF_ENDPOINT || 'https://huggingface.co')).replace(/\/+$/, '')

const tokenOf = ({ accessToken }: HubOptions) => accessToken ?? (process.env.HF_TOKEN || undefined)

async function describe(repository: string, path: string, revision: string, options: HubOptions): Promise<Expected> {
  const [info] = await pathsInfo({
    repo: repository,
    paths: [path],
    revision,
    hubUrl: endpointOf(options),
    accessToken: tokenOf(options),
    fetch: (input, init) => fetch(input, { ...init, signal: options.signal }),
  })
  if (info?.type !== 'file') throw new DownloadError(`${repository} has no file ${path} at revision ${revision}`)
  if (info.lfs) return { size: info.lfs.size, sha256: info.lfs.oid.toLowerCase() }
  return { size: info.size, gitId: info.oid }
}

interface Source {
  readonly repository: string
  readonly path: string
  readonly revision: string
  readonly file: string
}

/** Fetches into a neighbour of `target`, as often as it takes, and renames it once it is whole and right. */
async function fetchTo(target: string, expected: Expected, source: Source, options: HubOptions): Promise<void> {
  const id = (expected.sha256 ?? expected.gitId ?? '').slice(0, 12)
  const lock = await lockFile(`${target}.lock`)
  // While another process downloads the same file, this one goes its own way; whoever ends last replaces equal by equal.
  const partial = lock ? `${target}.${id}.partial` : `${target}.${id}.${randomUUID()}.partial`
  try {
    let corrupted = 0
    for (;;) {
      await receive(partial, expected.size, source, options)
      if (await isRight(partial, expected)) break
      await rm(partial, { force: true })
      if (++corrupted === 2)
        throw new DownloadError(
          `${source.file} arrived twice with a checksum that is not the hub's: something on the way (a proxy, a mirror) changes it. ` +
            'Set HF_ENDPOINT to another mirror, or try again later.',
        )
    }
    await rename(partial, target)
  } finally {
    if (!lock) await rm(partial, { force: true })
    await lock?.release()
  }
}

async function isRight(partial: string, { size, sha256, gitId }: Expected): Promise<boolean> {
  if (sha256 !== undefined) return (await sha256OfFile(partial)) === sha256
  return gitId === undefined || (await gitIdOfFile(partial, size)) === gitId
}

/** Fills `partial` up to `size`, from wherever it stands. */
async function receive(partial: string, size: number, source: Source, options: HubOptions): Promise<void> {
  let fruitless = 0
  let problem: unknown
  for (;;) {
    const have = await sizeOnDisk(partial)
    if (have === size) return
    if (have > size) await rm(partial)
    if (fruitless === patience)
      throw new DownloadError(
        `${source.file} stopped at ${have} of ${size} bytes: ${problem === undefined ? 'the server sends no more' : reasonOf(problem)}. ` +
          'What has arrived is kept; start again to go on from there.',
      )
    if (fruitless > 0) await wait(pause * fruitless, undefined, { signal: options.signal })
    try {
      problem = undefined
      await receivePiece(partial, Math.min(have, size), size, source, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof HubApiError && error.statusCode < 500 && error.statusCode !== 429) throw error
      if (isDiskProblem(error)) throw error
      problem = error
    }
    fruitless = (await sizeOnDisk(partial)) > have ? 0 : fruitless + 1
  }
}

/** What no further attempt would mend. */
const isDiskProblem = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')

async function receivePiece(
  partial: string,
  start: number,
  size: number,
  { repository, path, revision, file }: Source,
  options: HubOptions,
): Promise<void> {
  const { signal, onProgress } = options
  const endpoint = endpointOf(options)
  let at = start
  const blob = await downloadFile({
    repo: repository,
    path,
    revision,
    hubUrl: endpoint,
    accessToken: tokenOf(options),
    // Plain HTTP: it can be resumed anywhere, and every mirror speaks it.
    xet: false,
    downloadInfo: { size, etag: '', url: `${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${path}` },
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, signal })
      // A server that knows no ranges starts over, and so must the file.
      if (start > 0 && response.status === 200) {
        await rm(partial, { force: true })
        at = 0
      }
      return response
    },
  })
  const wanted = start === 0 ? blob! : blob!.slice(start)
  onProgress?.({ file, received: start, total: size })
  await appendStream(partial, wanted.stream(), size, (count) => {
    at += count
    onProgress?.({ file, received: at, total: size })
  })
}

const reasonOf = (error: unknown): string => {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error ? `${messageOf(error)} (${cause.message})` : messageOf(error)
}
