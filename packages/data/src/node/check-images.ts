import { DataError } from '../errors/data-error'
import { timeSlices } from '../loader/time-slices'
import { decodeImage, lookAtImage } from './decode-image'
import { adaptiveReader } from './read-image-file'

/** `header` finds missing, empty and foreign files in a fraction of a millisecond each; `decode` also those that are cut off. */
export type ImageCheck = 'none' | 'header' | 'decode'

export interface CheckImagesOptions {
  readonly signal?: AbortSignal
  onProgress?(done: number, total: number): void
  /** Told a file's fingerprint where the look at it came upon that. */
  onFingerprint?(file: string, fingerprint: string): void
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
  const [turn, read] = [timeSlices(), adaptiveReader()]
  const look = async (file: string) => {
    if (check === 'decode') return void (await decodeImage(file))
    const { fingerprint } = await lookAtImage(file, {}, read)
    options.onFingerprint?.(file, fingerprint)
  }
  const broken = new Map<number, DataError>()
  let next = 0
  let done = 0
  const reader = async () => {
    while (next < files.length) {
      const index = next++
      await turn()
      options.signal?.throwIfAborted()
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
