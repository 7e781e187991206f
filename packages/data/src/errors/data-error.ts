import { PilotError } from '@pilotjs/core'

/** What can be wrong with data; programs decide by these, people read the message. */
export type DataErrorCode =
  /** A folder or file is not there. */
  | 'not-found'
  /** A folder's layout is none that is read, or one that could be read in several ways. */
  | 'layout'
  /** A folder has no images to test with, and no split was asked for. */
  | 'no-split'
  /** A class lacks images, or stands in one split only. */
  | 'class-without-images'
  /** A file that belongs to the dataset can't be read as an image. */
  | 'unreadable-image'
  /** A file is an image, of a format that is not read. */
  | 'foreign-format'
  /** A file, image or archive is larger than what is read. */
  | 'too-large'
  /** A data file (pickle, binary batch, archive) is damaged or of another layout. */
  | 'damaged-file'
  /** An archive holds entries that may not be unpacked. */
  | 'unsafe-archive'
  /** Two images have one key. */
  | 'equal-keys'
  /** There is no dataset of this name. */
  | 'unknown-dataset'
  /** A named dataset is not where it should lie. */
  | 'missing-dataset'
  /** The data are not those that a run began with. */
  | 'data-changed'

export interface DataErrorDetails {
  /** The file, folder or name at fault, as it is. */
  readonly subject: string
  /** What to do about it, as a sentence. */
  readonly remedy?: string
  /** The option that would settle it. */
  readonly option?: string
  readonly cause?: unknown
}

/** What is wrong with a dataset: the message is the problem and the remedy, `subject` what it is about. */
export class DataError extends PilotError<DataErrorCode> {
  override readonly name = 'DataError'
  /** The message without the remedy. */
  readonly problem: string
  readonly subject: string
  readonly remedy: string | undefined

  constructor(code: DataErrorCode, problem: string, { subject, remedy, option, cause }: DataErrorDetails) {
    super(code, remedy === undefined ? problem : `${problem} ${remedy}`, { subject, option }, { cause })
    this.problem = problem
    this.subject = subject
    this.remedy = remedy
  }
}
