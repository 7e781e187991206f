import { PilotError } from '@pilotjs/core'
import type { Classifier, LearnOptions, Prediction, PredictOptions } from './classifier'
import { filePieces } from './file/write-file'
import type { ClassifierImage } from './images/classifier-image'
import { readerOf } from './images/read-image'
import { inTurn } from './in-turn'
import type { Platform } from './platform'
import { predictionsOf } from './predict'
import type { Ingredients } from './state/ingredients'
import type { Knowledge } from './state/knowledge'
import { teach } from './state/teach'
import type { TaughtClass } from './state/teach'
import { withClassesMerged, withoutClass } from './state/unlearn'

type SomeImages = ClassifierImage | readonly ClassifierImage[]

/**
 * A classifier around what is known. Changes are made one after the other, each to a copy that takes the place of what was known
 * when it is whole; whoever predicts or saves holds on to what was known when that began.
 * @param onDispose lets go of what was made for this classifier alone
 */
export function assemble(
  start: Knowledge,
  ingredients: Ingredients,
  platform: Platform,
  onDispose: () => void = () => undefined,
): Classifier {
  const queue = inTurn()
  let known = start
  let disposed = false

  const requireAlive = () => {
    if (disposed) throw new PilotError('disposed', 'this classifier was disposed: load it again')
  }
  const change = (next: (before: Knowledge) => Knowledge | Promise<Knowledge>): Promise<void> => {
    requireAlive()
    return queue(async () => {
      requireAlive()
      const after = await next(known)
      if (disposed) {
        if (after.shared !== known.shared) after.shared?.release()
        return requireAlive()
      }
      const before = known
      known = after
      if (before.shared !== after.shared) before.shared?.release()
    })
  }
  const holding = async <T>(use: (now: Knowledge) => Promise<T>): Promise<T> => {
    requireAlive()
    const now = known
    now.shared?.retain()
    try {
      return await use(now)
    } finally {
      now.shared?.release()
    }
  }

  const taughtOf = (images: Readonly<Record<string, SomeImages>>): Promise<TaughtClass[]> =>
    Promise.all(
      Object.entries(images).map(async ([name, some]) => {
        const own = listOf(some)
        if (name === '' || own.length === 0)
          throw new PilotError('no-images', `give every class a name and at least one image; "${name}" has none`, {
            class: name,
          })
        return { name, images: await Promise.all(own.map((image) => readerOf(image, platform))) }
      }),
    )

  async function learn(images: Readonly<Record<string, SomeImages>>, options?: LearnOptions): Promise<void> {
    requireAlive()
    // Read before anything else is waited for: pixels may change.
    const reading = taughtOf(images)
    const taught = await reading
    if (taught.length === 0) throw new PilotError('no-images', 'there is nothing to learn: give images by class name')
    await change((before) => {
      requireAccepted(before, taught, ingredients)
      return teach(before, taught, ingredients, options)
    })
  }

  function predict(image: ClassifierImage, options?: PredictOptions): Promise<Prediction>
  function predict(images: readonly ClassifierImage[], options?: PredictOptions): Promise<Prediction[]>
  function predict(
    images: ClassifierImage | readonly ClassifierImage[],
    options: PredictOptions = {},
  ): Promise<Prediction | Prediction[]> {
    return holding(async (now) => {
      const readers = await Promise.all(listOf(images).map((image) => readerOf(image, platform)))
      const predictions = await predictionsOf(readers, now, ingredients, options.top)
      return isList(images) ? predictions : predictions[0]!
    })
  }

  function save(): Promise<Uint8Array<ArrayBuffer>>
  function save(place: string | URL): Promise<void>
  function save(place?: string | URL): Promise<Uint8Array<ArrayBuffer> | void> {
    return holding(async (now) => {
      const pieces = filePieces(now, ingredients)
      if (place !== undefined) return platform.write(place, pieces)
      const parts: Uint8Array<ArrayBuffer>[] = []
      for await (const piece of pieces) parts.push(piece as Uint8Array<ArrayBuffer>)
      return new Uint8Array(await new Blob(parts).arrayBuffer())
    })
  }

  return {
    get classes() {
      return known.classes
    },
    get counts() {
      return Object.fromEntries(known.classes.map((name, label) => [name, known.counts[label] ?? 0]))
    },
    method: ingredients.method.method.name,
    backbone: ingredients.backbone.name,
    get calibration() {
      return known.calibration
    },
    learn,
    async addImages(name, images, options) {
      labelOf(known, name)
      await learn({ [name]: images }, options)
    },
    predict,
    renameClass: (name, to) =>
      change((before) => {
        const label = labelOf(before, name)
        requireFree(before, to, [name])
        return { ...before, classes: before.classes.map((own, i) => (i === label ? to : own)) }
      }),
    removeClass: (name) => change((before) => withoutClass(before, labelOf(before, name), ingredients)),
    mergeClasses: (names, name) =>
      change(async (before) => {
        const labels = [...new Set(names)].map((own) => labelOf(before, own)).sort((a, b) => a - b)
        requireFree(before, name, names)
        const [into, ...others] = labels
        if (into === undefined || others.length === 0)
          throw new PilotError('no-images', 'it takes at least two classes to make one of them', {
            classes: [...names],
          })
        let merged = before
        // The last ones first, so that the others keep their places.
        for (const from of others.reverse()) {
          const next = await withClassesMerged(merged, into, from, ingredients)
          if (merged !== before) merged.shared?.release()
          merged = next
        }
        return { ...merged, classes: merged.classes.map((own, i) => (i === into ? name : own)) }
      }),
    save,
    dispose() {
      if (disposed) return
      disposed = true
      known.shared?.release()
      onDispose()
    },
  }
}

const isList = (images: SomeImages): images is readonly ClassifierImage[] => Array.isArray(images)
const listOf = (images: SomeImages): readonly ClassifierImage[] => (isList(images) ? images : [images])

/** @throws PilotError `unknown-class` */
function labelOf({ classes }: Knowledge, name: string): number {
  const label = classes.indexOf(name)
  if (label >= 0) return label
  throw new PilotError(
    'unknown-class',
    `there is no class "${name}"; there are ${classes.map((own) => `"${own}"`).join(', ') || 'none yet'}`,
    { class: name, classes: [...classes] },
  )
}

/** @throws PilotError `class-exists` */
function requireFree({ classes }: Knowledge, name: string, except: readonly string[]): void {
  if (name === '') throw new PilotError('no-name', 'a class needs a name')
  if (classes.includes(name) && !except.includes(name))
    throw new PilotError('class-exists', `there is a class "${name}" already: mergeClasses makes two classes one`, {
      class: name,
    })
}

/** @throws PilotError `cannot-add-images` */
function requireAccepted({ classes }: Knowledge, taught: readonly TaughtClass[], { method }: Ingredients): void {
  const again = taught.map(({ name }) => name).filter((name) => classes.includes(name))
  const { name, accepts } = method.method
  if (again.length > 0 && !accepts.moreImages)
    throw new PilotError(
      'cannot-add-images',
      `${name} learns all images of a class at once, and knows ${again.map((own) => `"${own}"`).join(', ')} already: teach a ` +
        'new classifier with all images, or take a method that takes more, such as simplecil',
      { method: name, classes: again },
    )
}
