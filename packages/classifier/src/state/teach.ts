import { PilotError, createContext } from '@pilotjs/core'
import type { JsonValue, LabeledImages, Learner } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import type { HeldOutImage } from '../calibration/held-out'
import { keptBack } from '../calibration/held-out'
import type { LearnOptions } from '../classifier'
import type { PooledImage } from '../images/image-pool'
import { poolOf } from '../images/image-pool'
import type { ReadImage } from '../images/read-image'
import type { Ingredients } from './ingredients'
import { calibrated } from './knowledge'
import type { Knowledge } from './knowledge'
import { copyOf } from './learner-copy'
import { sharedLearner } from './shared-learner'

/** Images of one class. */
export interface TaughtClass {
  readonly name: string
  readonly images: readonly ReadImage[]
}

/**
 * What is known once these images are learned too. The learner that knew what was known before is not touched: a copy learns, and
 * is let go of where that fails.
 */
export async function teach(
  before: Knowledge,
  taught: readonly TaughtClass[],
  ingredients: Ingredients,
  options: LearnOptions = {},
): Promise<Knowledge> {
  const { preparation, seed } = ingredients
  const { signal } = options
  const classes = [
    ...before.classes,
    ...taught.map(({ name }) => name).filter((name) => !before.classes.includes(name)),
  ]
  const counts = classes.map((_, label) => before.counts[label] ?? 0)
  const train: (PooledImage & { readonly label: number })[] = []
  const back: HeldOutImage[] = []
  let { named } = before
  const shrunk = async (read: ReadImage) => preparation.shrink(await read())
  for (const { name, images } of taught) {
    const label = classes.indexOf(name)
    let held = before.heldOut.images.filter((each) => each.label === label && !each.taught).length
    for (const [place, read] of images.entries()) {
      signal?.throwIfAborted()
      if (keptBack(counts[label]!++, held)) {
        held++
        back.push({ label, taught: false, image: await shrunk(read) })
      } else train.push({ label, key: `taught:${named++}`, read })
      if (place < 2) back.push({ label, taught: true, image: await shrunk(read) })
    }
  }

  const learner = copyOf(before, ingredients)
  try {
    const recall = recallFrom(before.exemplars, ingredients)
    if (train.length > 0) {
      const labels = train.map(({ label }) => label)
      const context = createContext({ seed, signal, recall, onProgress: (event) => options.onProgress?.(event) })
      const task = {
        index: before.tasks,
        classes: [...new Set(labels)].sort((a, b) => a - b),
        classesBefore: before.classes.length,
        classesAfter: classes.length,
        train: poolOf(train, labels, preparation, seed),
      }
      await learner.learn(task, context(task))
    }
    const heldOut = { ...before.heldOut, images: [...before.heldOut.images, ...back] }
    return {
      shared: sharedLearner(learner),
      tasks: before.tasks + (train.length > 0 ? 1 : 0),
      classes,
      counts,
      named,
      exemplars: await exemplarsOf(learner, before.exemplars, train, shrunk),
      ...(await calibrated(heldOut, classes.length, learner, preparation)),
    }
  } catch (error) {
    learner.dispose()
    throw error
  }
}

/** Exemplars come back as they were kept. */
const recallFrom =
  (exemplars: ReadonlyMap<string, RgbImage>, { preparation, seed }: Ingredients) =>
  (keys: readonly string[], labels: ArrayLike<number>): LabeledImages =>
    poolOf(
      keys.map((key) => {
        const image = exemplars.get(key)
        if (!image)
          throw new PilotError('no-recall', `the method asks for an earlier image, ${key}, that was not kept`, { key })
        return { key, read: () => Promise.resolve(image) }
      }),
      labels,
      preparation,
      seed,
    )

/** The images that a learner's state speaks of: those it will ask for. */
async function exemplarsOf(
  learner: Learner,
  before: ReadonlyMap<string, RgbImage>,
  train: readonly PooledImage[],
  shrunk: (read: ReadImage) => Promise<RgbImage>,
): Promise<ReadonlyMap<string, RgbImage>> {
  const wanted = textsIn(learner.state().json)
  const kept = new Map([...before].filter(([key]) => wanted.has(key)))
  for (const { key, read } of train) if (wanted.has(key)) kept.set(key, await shrunk(read))
  return kept
}

/** Every text in a value of JSON. */
export function textsIn(json: JsonValue, found = new Set<string>()): Set<string> {
  if (typeof json === 'string') found.add(json)
  else if (typeof json === 'object' && json !== null) for (const value of Object.values(json)) textsIn(value, found)
  return found
}
