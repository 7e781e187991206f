import { PilotError } from '@pilotjs/core'

/** Why a backbone cannot be had. */
export type BackboneCode =
  /** No backbone, file, folder or repository of this name. */
  | 'unknown'
  /** A file that holds no weights that are read here: a pickle, a web page, a pointer, a damaged file. */
  | 'not-weights'
  /** Weights of a network that is not modelled, or that do not fit it. */
  | 'not-modelled'
  /** A `config.json` or option that makes no sense. */
  | 'config'
  /** Nothing may be downloaded, and the cache does not hold it. */
  | 'offline'

/** A backbone that cannot be had. */
export class BackboneError extends PilotError<BackboneCode> {
  override readonly name = 'BackboneError'
  /** The file, folder, repository or name that is meant. */
  readonly subject: string

  constructor(code: BackboneCode, subject: string, message: string, cause?: unknown) {
    super(code, message, { subject }, { cause })
    this.subject = subject
  }
}
