import { PilotError } from '@pilotjs/core'

/** What kept a file from being had. */
export type DownloadCode =
  /** 401: credentials are wanted, or those given are wrong. */
  | 'unauthorized'
  /** 403 and whatever else a server refuses for good. */
  | 'refused'
  /** 404 or 410. */
  | 'not-found'
  /** 429: too many requests. */
  | 'too-many-requests'
  /** A web page came in place of the file: a network's sign-in page, a proxy's error. */
  | 'web-page'
  /** What arrived is not what was announced. */
  | 'wrong-content'
  /** The connection failed, or brought nothing new, as often as was tried. */
  | 'stopped'
  /** The answer is larger than what can be right. */
  | 'too-large'
  /** The file system refused. */
  | 'disk'

/** A download that failed; `reason` is the message without the name of the file. */
export class DownloadError extends PilotError<DownloadCode> {
  override readonly name = 'DownloadError'
  readonly reason: string
  /** The server's answer, where there was one. */
  readonly status?: number

  constructor(what: { code: DownloadCode; reason: string; subject?: string; status?: number; cause?: unknown }) {
    const { code, reason, subject, status, cause } = what
    super(
      code,
      subject === undefined ? reason : `cannot download ${subject}: ${reason}`,
      { subject, status },
      { cause },
    )
    this.reason = reason
    this.status = status
  }
}
