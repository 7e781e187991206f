import { wordHash } from '@pilotjs/core/parameters'
import type { LabeledImages } from '@pilotjs/core'
import { timeSlices } from '../loader/time-slices'
import { sampleAt } from '../views/labeled-images'
import type { Stream } from './stream'

/** The images that one task has of one class, in their order. */
export interface ClassDigest {
  readonly label: number
  readonly images: number
  /** 32 hexadecimal digits over every image's key, label and contents. */
  readonly digest: string
  /** Six hexadecimal digits an image: too few to prove equality, enough to name an image that differs. */
  readonly marks: string
}

export interface TaskDigest {
  readonly train: readonly ClassDigest[]
  readonly test: readonly ClassDigest[]
}

/** What a stream consists of, as plain JSON: kept beside a run, it tells later whether the data are still the same. */
export interface StreamDigest {
  readonly scenario: string
  /** By label. */
  readonly classNames: readonly string[]
  readonly tasks: readonly TaskDigest[]
}

export type DigestedStream = Pick<Stream, 'scenario' | 'classNames' | 'tasks' | 'test'>

export interface StreamDigestOptions {
  readonly signal?: AbortSignal
  /** Told as images are looked at: done, of all. */
  onProgress?(done: number, total: number): void
}

const splits = ['train', 'test'] as const
/** Images whose contents are looked at side by side. */
const readers = 16

/**
 * The digest of a stream: names of its classes in order, and per task and class the number of images and a digest over each one's
 * key, label and contents. Contents count as far as the source tells them (`ImageSource.fingerprint`): all of the pixels in
 * memory, all of small files, size with beginning and end of large ones. Nothing is decoded.
 * @throws the signal's reason when aborted
 */
export async function digestStream(stream: DigestedStream, options: StreamDigestOptions = {}): Promise<StreamDigest> {
  const { scenario, classNames, tasks } = stream
  const views = tasks.flatMap((task, index) => [task.train, stream.test(index)])
  const total = views.reduce((sum, { length }) => sum + length, 0)
  let done = 0
  const turn = timeSlices()
  const step = async () => {
    options.signal?.throwIfAborted()
    options.onProgress?.(++done, total)
    await turn()
  }
  const digests: (readonly ClassDigest[])[] = []
  for (const view of views) digests.push(await digestView(view, step))
  return {
    scenario,
    classNames: [...classNames],
    tasks: tasks.map((_, index) => ({ train: digests[2 * index]!, test: digests[2 * index + 1]! })),
  }
}

async function digestView(images: LabeledImages, step: () => Promise<void>): Promise<ClassDigest[]> {
  const samples: string[] = []
  let next = 0
  const reader = async () => {
    while (next < images.length) {
      const position = next++
      samples[position] = await digestSample(images, position)
      await step()
    }
  }
  await Promise.all(Array.from({ length: Math.min(readers, images.length) }, reader))
  return [...positionsByLabel(images)].map(([label, positions]) => {
    const whole = wordHash()
    for (const position of positions) whole.takeText(samples[position]!)
    return {
      label,
      images: positions.length,
      digest: whole.digest(),
      marks: positions.map((position) => samples[position]!.slice(0, 6)).join(''),
    }
  })
}

async function digestSample(images: LabeledImages, position: number): Promise<string> {
  const sample = sampleAt(images, position)
  const contents = await sample?.origin.source.fingerprint?.(sample.index)
  const hash = wordHash()
  hash.takeText(JSON.stringify([images.key(position), images.labels[position], contents ?? null]))
  return hash.digest()
}

function positionsByLabel({ labels }: LabeledImages): Map<number, number[]> {
  const positions = new Map<number, number[]>([...new Set(labels)].sort((a, b) => a - b).map((label) => [label, []]))
  labels.forEach((label, position) => positions.get(label)!.push(position))
  return positions
}

/** One way in which a stream is not the one that a digest was made of. */
export interface StreamDifference {
  readonly kind: 'scenario' | 'tasks' | 'class-names' | 'image-count' | 'images'
  /** Where it shows; absent for what concerns the whole stream. */
  readonly task?: number
  readonly split?: 'train' | 'test'
  readonly className?: string
  /** Key of the first image that was not there, or was another. */
  readonly sample?: string
  /** In words, beginning with what differs. */
  readonly message: string
}

/**
 * In what a stream differs from the one that `before` was made of; nothing when the data are the same. Classes that are
 * missing, new, renamed or reordered are named first, for then the images' labels mean something else and are not compared.
 */
export async function compareStream(
  before: StreamDigest,
  stream: DigestedStream,
  options: StreamDigestOptions = {},
): Promise<StreamDifference[]> {
  const whole = differencesOfOutline(before, stream)
  if (whole.length > 0) return whole
  const now = await digestStream(stream, options)
  return now.tasks.flatMap((task, index) =>
    splits.flatMap((split) => {
      const images = split === 'train' ? stream.tasks[index]!.train : stream.test(index)
      const place = { task: index, split }
      return differencesOfClasses(before.tasks[index]![split], task[split], images, stream.classNames, place)
    }),
  )
}

function differencesOfOutline(before: StreamDigest, stream: DigestedStream): StreamDifference[] {
  const differences: StreamDifference[] = []
  if (before.scenario !== stream.scenario) {
    const message = `the scenario is ${stream.scenario}, it was ${before.scenario}`
    differences.push({ kind: 'scenario', message })
  }
  differences.push(...differencesOfNames(before.classNames, stream.classNames))
  if (before.tasks.length !== stream.tasks.length) {
    const message = `there are ${stream.tasks.length} tasks, there were ${before.tasks.length}`
    differences.push({ kind: 'tasks', message })
  }
  return differences
}

function differencesOfNames(before: readonly string[], now: readonly string[]): StreamDifference[] {
  const [had, has] = [new Set(before), new Set(now)]
  const gone = before.filter((name) => !has.has(name))
  const fresh = now.filter((name) => !had.has(name))
  const named = (className: string, told: string): StreamDifference => ({
    kind: 'class-names',
    className,
    message: `class '${className}' ${told}`,
  })
  if (gone.length > 0 || fresh.length > 0) {
    return [
      ...gone.map((name) => named(name, 'is no longer there')),
      ...fresh.map((name) => named(name, 'was not there')),
    ]
  }
  const moved = before.findIndex((name, label) => now[label] !== name)
  if (moved < 0) return []
  return [named(now[moved]!, `has label ${moved}, which was '${before[moved]!}': the order of classes is another`)]
}

function differencesOfClasses(
  before: readonly ClassDigest[],
  now: readonly ClassDigest[],
  images: LabeledImages,
  classNames: readonly string[],
  place: { readonly task: number; readonly split: 'train' | 'test' },
): StreamDifference[] {
  const positions = positionsByLabel(images)
  const labels = [...new Set([...before, ...now].map(({ label }) => label))].sort((a, b) => a - b)
  const kinds = place.split === 'train' ? 'training images' : 'test images'
  return labels.flatMap((label): StreamDifference[] => {
    const [old, own] = [before, now].map((list) => list.find((entry) => entry.label === label))
    if (old?.digest === own?.digest && old?.images === own?.images) return []
    const className = classNames[label]!
    const where = `class '${className}', task ${place.task + 1}`
    const position = positions.get(label)?.[firstNew(old?.marks ?? '', own?.marks ?? '')]
    const sample = position === undefined ? undefined : images.key(position)
    const first = sample === undefined ? '' : `; the first that differs is ${sample}`
    return old?.images === own?.images
      ? [{ ...place, kind: 'images', className, sample, message: `${where}: its ${kinds} are others${first}` }]
      : [
          {
            ...place,
            kind: 'image-count',
            className,
            sample,
            message: `${where}: ${own?.images ?? 0} ${kinds}, there were ${old?.images ?? 0}${first}`,
          },
        ]
  })
}

/** Position of the first image whose mark was not there before; −1 where all were (some are gone, or their order is another). */
function firstNew(before: string, now: string): number {
  const each = (marks: string): string[] => marks.match(/.{6}/g) ?? []
  const known = new Set(each(before))
  return each(now).findIndex((mark) => !known.has(mark))
}
