/** Why something in a dataset's folder is not in the dataset. */
export type PassedOverReason =
  /** A file that is no image, by its first bytes. */
  | 'no-image'
  /** A file or folder that an operating system, a tool or a network drive keeps beside data. */
  | 'system'
  /** An image that lies beside the class folders instead of in one. */
  | 'no-class'
  /** A test folder whose images have no classes. */
  | 'unlabelled'
  /** A folder beside those to train on and to test with. */
  | 'unused'

export interface PassedOver {
  readonly reason: PassedOverReason
  /** Files, or folders where whole folders were passed over. */
  readonly count: number
  /** The first of them, from the dataset's folder on. */
  readonly example: string
}

/** What reading a folder came to. */
export interface ReadingReport {
  readonly classes: number
  readonly train: number
  readonly test: number
  readonly domains?: number
  /** How the folder was split, where it came without a split. */
  readonly split?: { readonly testFraction: number; readonly seed: number }
  readonly passedOver: readonly PassedOver[]
}

const words: Readonly<Record<PassedOverReason, readonly [one: string, many: string]>> = {
  'no-image': ['file that is no image', 'files that are no images'],
  system: ['file or folder of the system', 'files or folders of the system'],
  'no-class': ['image outside the class folders', 'images outside the class folders'],
  unlabelled: ['folder of unlabelled images', 'folders of unlabelled images'],
  unused: ['folder beside train and test', 'folders beside train and test'],
}

/**
 * A report in one line: `4 classes, 16 training and 8 test images; passed over: 2 files that are no images (train/a/notes.txt,
 * …)`.
 */
export function describeReading({ classes, train, test, domains, split, passedOver }: ReadingReport): string {
  const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`
  const parts = [
    `${count(classes, 'class', 'classes')}${domains ? ` in ${count(domains, 'domain')}` : ''}, ` +
      `${train} training and ${count(test, 'test image')}`,
  ]
  if (split) parts.push(`split by seed ${split.seed}, ${Math.round(split.testFraction * 1000) / 10} % to test with`)
  if (passedOver.length > 0) {
    const told = passedOver.map(
      (each) => `${count(each.count, ...words[each.reason])} (${each.example}${each.count > 1 ? ', …' : ''})`,
    )
    parts.push(`passed over: ${told.join(', ')}`)
  }
  return parts.join('; ')
}
