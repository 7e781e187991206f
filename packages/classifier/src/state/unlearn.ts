import { PilotError } from '@pilotjs/core'
import type { Learner } from '@pilotjs/core'
import type { HeldOutImage } from '../calibration/held-out'
import type { Ingredients } from './ingredients'
import { calibrated, nothingKnown } from './knowledge'
import type { Knowledge } from './knowledge'
import { copyOf } from './learner-copy'
import { sharedLearner } from './shared-learner'
import { textsIn } from './teach'

/** What is known without a class: as if it had never been taught. @throws PilotError `cannot-remove-class` */
export async function withoutClass(before: Knowledge, label: number, ingredients: Ingredients): Promise<Knowledge> {
  const name = before.classes[label]!
  const { method } = ingredients.method
  if (!method.accepts.removeClass)
    throw new PilotError(
      'cannot-remove-class',
      `${method.name} cannot unlearn "${name}": what it learned of one class is mixed with all others. Teach a new classifier ` +
        'without it, or take a method that keeps classes apart, such as simplecil',
      { method: method.name, class: name },
    )
  // The last class leaves nothing behind but the order of what comes.
  if (before.classes.length === 1) return { ...nothingKnown, named: before.named }
  return changed(
    before,
    ingredients,
    (learner) => explained('cannot-remove-class', [name], () => learner.removeClass!(label)),
    {
      classes: before.classes.filter((_, other) => other !== label),
      counts: before.counts.filter((_, other) => other !== label),
      heldOut: before.heldOut.images.filter((image) => image.label !== label).map(movedUp(label)),
    },
  )
}

/** What is known once the images of class `from` are those of class `into`. @throws PilotError `cannot-merge-classes` */
export async function withClassesMerged(
  before: Knowledge,
  into: number,
  from: number,
  ingredients: Ingredients,
): Promise<Knowledge> {
  const { method } = ingredients.method
  const [first, second] = [before.classes[into]!, before.classes[from]!]
  if (!method.accepts.mergeClasses)
    throw new PilotError(
      'cannot-merge-classes',
      `${method.name} cannot make "${first}" and "${second}" one class exactly: it no longer knows their images apart from the others'. ` +
        'Teach a new classifier, or take a method such as simplecil',
      { method: method.name, classes: [first, second] },
    )
  const counts = [...before.counts]
  counts[into]! += counts[from]!
  return changed(
    before,
    ingredients,
    (learner) => explained('cannot-merge-classes', [first, second], () => learner.mergeClasses!(into, from)),
    {
      classes: before.classes.filter((_, other) => other !== from),
      counts: counts.filter((_, other) => other !== from),
      heldOut: before.heldOut.images
        .map((image) => (image.label === from ? { ...image, label: into } : image))
        .map(movedUp(from)),
    },
  )
}

/** What a method refuses for a reason of its own, such as a class that its network was adapted to, in the classifier's words. */
async function explained(code: string, classes: readonly string[], attempt: () => void | Promise<void>): Promise<void> {
  try {
    await attempt()
  } catch (error) {
    if (!(error instanceof PilotError)) throw error
    const names = classes.map((name) => `"${name}"`).join(' and ')
    throw new PilotError(
      code,
      `${names}: ${error.message}`,
      { classes: [...classes], ...error.facts },
      { cause: error },
    )
  }
}

const movedUp =
  (gone: number) =>
  (image: HeldOutImage): HeldOutImage =>
    image.label > gone ? { ...image, label: image.label - 1 } : image

async function changed(
  before: Knowledge,
  ingredients: Ingredients,
  change: (learner: Learner) => void | Promise<void>,
  rest: Pick<Knowledge, 'classes' | 'counts'> & { readonly heldOut: readonly HeldOutImage[] },
): Promise<Knowledge> {
  const learner = copyOf(before, ingredients)
  try {
    await change(learner)
    const wanted = textsIn(learner.state().json)
    const heldOut = { ...before.heldOut, images: rest.heldOut }
    return {
      ...before,
      ...rest,
      shared: sharedLearner(learner),
      exemplars: new Map([...before.exemplars].filter(([key]) => wanted.has(key))),
      ...(await calibrated(heldOut, rest.classes.length, learner, ingredients.preparation)),
    }
  } catch (error) {
    learner.dispose()
    throw error
  }
}
