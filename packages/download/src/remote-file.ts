import type { Checksum } from './checksum'

/** A file to be fetched, and how to tell that it is the right one. */
export interface RemoteFile {
  readonly url: string
  /** What messages call it. Default: the url. */
  readonly name?: string
  /** Its exact size. */
  readonly bytes: number
  readonly checksum?: Checksum
  /** Sent along, credentials for example; another host that the server leads to does not get these. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface DownloadOptions {
  /** Told as bytes arrive; those that an earlier, interrupted download left count. */
  onProgress?(done: number, total: number): void
  readonly signal?: AbortSignal
  /** How often in a row a connection that brought nothing new is taken up again. Default 3. */
  readonly retries?: number
  /** Milliseconds that the server may stay silent. Default one minute. */
  readonly silence?: number
}
