import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@pilotjs/core/node'
import { DownloadError, cacheFolder, downloadFile } from '@pilotjs/download'
import type { Checksum } from '@pilotjs/download'
import { BackboneError } from './backbone-error'
import { type Described, type HubRequest, describeFiles, endpointOf, hubInWords, tokenOf } from './hub-request'

export interface DownloadProgress {
  /** e.g. `timm/vit_tiny_patch16_224.augreg_in21k/model.safetensors` */
  readonly file: string
  /** Bytes on disk so far, those of an earlier, interrupted download included. */
  readonly received: number
  readonly total: number
}

export interface HubOptions extends HubRequest {
  /** Default: `cacheFolder('hub')`. */
  cache?: string
  /** Branch, tag or commit. Default `main`. */
  revision?: string
  /** Use what is in the cache and nothing else. Default: the environment's `HF_HUB_OFFLINE`. */
  offline?: boolean
  onProgress?(progress: DownloadProgress): void
}

/** What is kept beside a downloaded file. */
interface DownloadRecord {
  readonly size: number
  readonly checksum?: Checksum
  readonly from: string
  readonly revision: string
}

const isTrue = (text: string | undefined) => /^(1|true|yes|on)$/i.test(text ?? '')

/** Whether nothing may be downloaded. */
export const isOffline = ({ offline = isTrue(process.env.HF_HUB_OFFLINE) }: HubOptions): boolean => offline

/**
 * The path of a file of the Hugging Face Hub, downloaded into the cache if it is not there. An interrupted download goes on
 * where it stopped; a finished one is checked by size and checksum before it gets its name.
 * @param repository `owner/name`
 * @throws DownloadError, or BackboneError where the cache must do and does not hold it
 */
export async function downloadFromHub(repository: string, path: string, options: HubOptions = {}): Promise<string> {
  const found = await downloadFirst(repository, [path], options)
  if (found !== undefined) return found
  const file = `${repository}/${path}`
  if (isOffline(options))
    throw new BackboneError(
      'offline',
      file,
      `${file} is not in the cache, and HF_HUB_OFFLINE forbids to download it. ${byHand(repository, path, options)}`,
    )
  throw new DownloadError({
    code: 'not-found',
    subject: file,
    reason: `${repository} has no file ${path} at revision ${options.revision ?? 'main'}`,
  })
}

/**
 * The first of several files that a repository has (or the cache, offline), downloaded; undefined if it has none of them.
 * @throws DownloadError
 */
export async function downloadFirst(
  repository: string,
  paths: readonly string[],
  options: HubOptions = {},
): Promise<string | undefined> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || repository.split('/').some((part) => /^\.+$/.test(part)))
    throw new BackboneError(
      'unknown',
      repository,
      `"${repository}" is no repository of the Hugging Face Hub; it should read owner/name`,
    )
  const { revision = 'main' } = options
  const folder = join(options.cache ?? cacheFolder('hub'), repository.replace('/', '--'), encodeURIComponent(revision))
  for (const path of paths) {
    const target = join(folder, path)
    if (await isComplete(target)) return target
  }
  if (isOffline(options)) return undefined
  const [path = ''] = paths
  const file = `${repository}/${path}`
  try {
    const there = await describeFiles(repository, paths, revision, options)
    const found = paths.find((each) => there.has(each))
    if (found === undefined) return undefined
    return await fetchInto(join(folder, found), found, there.get(found)!, repository, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!(error instanceof DownloadError)) throw error
    const reason = hubInWords(error, repository, options)
    const { code, status } = error
    throw new DownloadError({
      code,
      status,
      subject: file,
      reason: `${reason}. ${byHand(repository, path, options)}`,
      cause: error,
    })
  }
}

async function fetchInto(
  target: string,
  path: string,
  { size, checksum }: Described,
  repository: string,
  options: HubOptions,
): Promise<string> {
  const { revision = 'main', onProgress, signal } = options
  const file = `${repository}/${path}`
  const token = tokenOf(options)
  await downloadFile(
    {
      name: file,
      url: `${endpointOf(options)}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`,
      bytes: size,
      checksum,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    },
    target,
    { signal, onProgress: (received, total) => onProgress?.({ file, received, total }) },
  )
  const record: DownloadRecord = { size, checksum, from: file, revision }
  await writeFileAtomic(recordOf(target), JSON.stringify(record))
  return target
}

/** What to do without the network: weights alone do not tell how images are prepared, their card does. */
function byHand(repository: string, path: string, options: HubOptions): string {
  const page = `${endpointOf(options)}/${repository}`
  return path === 'config.json'
    ? `Or get config.json by hand from ${page}.`
    : `Or get ${path} by hand from ${page}, and its config.json too; put both into one folder and give its path.`
}

const recordOf = (target: string) => `${target}.json`

async function readRecord(target: string): Promise<DownloadRecord | undefined> {
  try {
    return JSON.parse(await readFile(recordOf(target), 'utf8')) as DownloadRecord
  } catch {
    return undefined
  }
}

/** A file counts once its record is written, and as long as it has the size that the record says. */
async function isComplete(target: string): Promise<boolean> {
  const record = await readRecord(target)
  if (!record) return false
  return stat(target).then(
    ({ size }) => size === record.size,
    () => false,
  )
}

/** The SHA-256 that a downloaded file was checked by, where the Hub told one. */
export async function recordedSha256(target: string): Promise<string | undefined> {
  const checksum = (await readRecord(target))?.checksum
  return checksum?.algorithm === 'sha256' ? checksum.digest : undefined
}

/** Forgets a downloaded file, so that it is fetched anew. */
export async function forgetDownload(target: string): Promise<void> {
  await Promise.all([rm(target, { force: true }), rm(recordOf(target), { force: true })])
}
