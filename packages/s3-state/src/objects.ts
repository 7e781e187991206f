import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { StateAddress } from './address'
import { StateError } from './state-error'

/** A small object, and the tag that tells whether it is still the same. */
export interface Tagged {
  readonly text: string
  readonly tag: string
}

/** The few things that are asked of a store, each with its failures in words. */
export interface Objects {
  /** A small object; undefined where there is none. */
  read(key: string): Promise<Tagged | undefined>
  /**
   * Writes a small object if what is there has this tag (undefined: if nothing is there). No two writers' texts may be equal.
   * @returns its new tag; undefined where that is not so
   */
  swap(key: string, text: string, tag: string | undefined): Promise<string | undefined>
  /** Puts a file there, in parts where it is large. */
  upload(key: string, file: string): Promise<void>
  download(key: string, file: string): Promise<void>
  list(prefix: string): Promise<string[]>
  remove(keys: readonly string[]): Promise<void>
  close(): void
}

/** Attempts at one request before it counts as failed; the client waits longer each time. */
const ATTEMPTS = 5
/** Objects that one request may remove (DeleteObjects of S3). */
const REMOVED_AT_ONCE = 1000

/** @param env `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_REGION`, …, and what the client itself reads for its keys */
export function objectsAt({ bucket, prefix, shown }: StateAddress, env: NodeJS.ProcessEnv): Objects {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined
  const client = new S3Client({
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    ...(endpoint === undefined ? {} : { endpoint }),
    // A server of one's own seldom has a name for each bucket.
    forcePathStyle: endpoint !== undefined,
    maxAttempts: ATTEMPTS,
    // Files have digests of their own; checksums in trailers are not every server's.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` })
  const tried = async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      return await request()
    } catch (error) {
      throw refusal(error, shown, endpoint)
    }
  }
  const get = async (key: string): Promise<Tagged | undefined> => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(at(key)))
      return { text: await Body!.transformToString(), tag: ETag! }
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined
      throw error
    }
  }
  return {
    read: (key) => tried(() => get(key)),
    swap: (key, text, tag) =>
      tried(async () => {
        const condition = tag === undefined ? { IfNoneMatch: '*' } : { IfMatch: tag }
        try {
          const put = new PutObjectCommand({ ...at(key), ...condition, Body: text, ContentType: 'application/json' })
          return (await client.send(put)).ETag
        } catch (error) {
          // 409: another wrote at the same moment. 404: what was to be replaced is gone.
          if (![404, 409, 412].includes(statusOf(error)) || nameOf(error) === 'NoSuchBucket') throw error
        }
        // An answer that got lost is asked for again, and refused: it was written all the same.
        const there = await get(key)
        return there?.text === text ? there.tag : undefined
      }),
    upload: (key, file) =>
      tried(async () => {
        // Parts are held in memory, so that one which got lost can be sent again.
        await new Upload({ client, params: { ...at(key), Body: createReadStream(file) }, queueSize: 2 }).done()
      }),
    download: (key, file) =>
      tried(async () => {
        const { Body } = await client.send(new GetObjectCommand(at(key)))
        await writeFile(file, Body as Readable, { flush: true })
      }),
    list: (own) =>
      tried(async () => {
        const keys: string[] = []
        let next: string | undefined
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${own}`, ContinuationToken: next }),
          )
          for (const { Key } of page.Contents ?? []) keys.push(Key!.slice(prefix.length))
          next = page.NextContinuationToken
        } while (next !== undefined)
        return keys
      }),
    remove: (keys) =>
      tried(async () => {
        for (let from = 0; from < keys.length; from += REMOVED_AT_ONCE) {
          const some = keys.slice(from, from + REMOVED_AT_ONCE).map((key) => ({ Key: `${prefix}${key}` }))
          await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: some, Quiet: true } }))
        }
      }),
    close: () => client.destroy(),
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode ?? 0

function refusal(error: unknown, shown: string, endpoint: string | undefined): unknown {
  if (!(error instanceof Error)) return error
  const server = endpoint === undefined ? '' : ` at ${hostOf(endpoint)}`
  const make = (code: 'state-unreachable' | 'state-refused', text: string) =>
    new StateError(code, `${text} (${shown}${server})`, { state: shown }, { cause: error })
  const status = statusOf(error)
  if (error.name === 'CredentialsProviderError')
    return make(
      'state-refused',
      'no keys for the state store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    )
  if (error.name === 'NoSuchBucket') return make('state-refused', 'the state store has no such bucket')
  if (status === 401 || status === 403)
    return make('state-refused', `the state store wants other keys, or more rights: ${error.name}`)
  // What the file system says of a file is no matter of the store.
  if ('code' in error && 'path' in error) return error
  return make('state-unreachable', `the state store does not answer: ${reasonOf(error)}`)
}

/** A client may give an empty message, and the reasons below. */
const reasonOf = (error: Error): string =>
  error.message || ('errors' in error && Array.isArray(error.errors) ? String(error.errors[0]) : '') || error.name

/** An address without name and password. */
function hostOf(endpoint: string): string {
  try {
    const { protocol, host } = new URL(endpoint)
    return `${protocol}//${host}`
  } catch {
    return 'what AWS_ENDPOINT_URL says'
  }
}
