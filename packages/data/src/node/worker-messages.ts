import type { DataError } from '../errors/data-error'
import type { RgbImage } from '../images/rgb-image'
import type { DecodeOptions } from './decode-image'

/** What the main thread asks of a worker. Both send lists of these: a message takes longer than an icon does. */
export interface WorkerRequest {
  readonly id: number
  /** A file to decode, or an image that the main thread has read. */
  readonly image: string | RgbImage
  /** How a file is decoded. */
  readonly decode: DecodeOptions
  /** Recipes of the transforms, as JSON: the worker keeps what it has built by this text. */
  readonly recipes: string
  readonly seed: number
  /** A file's decoded image is wanted as well if it has no more bytes than this. */
  readonly keepUpTo: number
}

export type WorkerAnswer =
  /** `small`: it was decoded in an instant. */
  | { readonly id: number; readonly image: RgbImage; readonly small: boolean; readonly decoded?: RgbImage }
  | { readonly id: number; readonly error: string }
  /** A DataError, taken apart: a thread's messages carry plain values only. */
  | { readonly id: number; readonly wrong: Pick<DataError, 'code' | 'problem' | 'subject' | 'remedy'> }
