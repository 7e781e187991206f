import { DataError } from '../errors/data-error'
import { decodeImage, readImageHeader } from './decode-image'

/** `header` finds missing, empty and foreign files in a fraction of a millisecond each; `decode` also those that are cut off. */
export type ImageCheck = 'none' | 'header' | 'decode'

export interface CheckImagesOptions {
  readonly signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

const readers = 8
const namedFiles = 10

/**
 * Looks at image files before hours are spent on them.
 * @throws DataError naming the first ten that can't be read, and how many there are; its subject is the first one
 */
export async function checkImages(
  files: readonly string[],
  check: ImageCheck,
  options: CheckImagesOptions = {},
): Promise<void> {
  if (check === 'none') return
  const look = check === 'header' ? readImageHeader : decodeImage
  const broken = new Map<number, DataError>()
  let next = 0
  let done = 0
  const reader = async () => {
    while (next < files.length) {
      options.signal?.throwIfAborted()
      const index = next++
      await look(files[index]!).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error
        broken.set(index, error)
      })
      options.onProgress?.(++done, files.length)
    }
  }
  await Promise.all(Array.from({ length: readers }, reader))
  if (broken.size === 0) return
  const errors = [...broken].sort(([a], [b]) => a - b).map(([, error]) => error)
  if (errors.length === 1) throw errors[0]!
  const lines = errors.slice(0, namedFiles).map(({ message }) => `  ${message}`)
  if (errors.length > namedFiles) lines.push(`  … and ${errors.length - namedFiles} more`)
  throw new DataError(
    'unreadable-image',
    `${errors.length} of ${files.length} images can't be read:\n${lines.join('\n')}`,
    { subject: errors[0]!.subject },
  )
}
