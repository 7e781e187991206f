import type { ScoredImages } from './temperature'

/** The largest score of each image: the less it is, the less the image looks like any class. */
export const topScores = (scores: Float32Array, classes: number): number[] =>
  Array.from({ length: scores.length / classes }, (_, image) =>
    scores.subarray(image * classes, (image + 1) * classes).reduce((most, score) => Math.max(most, score), -Infinity),
  )

/** How little images look like any class, 0 … 1, of their largest scores: ½ at the threshold. */
export const unknownOf = (top: number, threshold: number | null, temperature: number): number =>
  threshold === null ? 0 : 1 / (1 + Math.exp((top - threshold) / temperature))

/**
 * The largest score below which an image more probably shows none of the classes. What one of an unknown class would look like is
 * seen by leaving out, for each image, the score of its own class: then that class is one that nobody knows. The line is drawn
 * where both kinds of error, known images taken for unknown and the other way round, are least together; with a single class,
 * below all its images. Null where there is no image to tell by.
 */
export function chooseThreshold(images: ScoredImages): number | null {
  const { scores, classes, labels } = images
  if (labels.length === 0) return null
  const known = topScores(scores, classes)
  if (classes < 2) return Math.min(...known)
  const unknown = topScores(withoutOwn(images), classes - 1)
  const marked = [...known.map((top) => ({ top, known: true })), ...unknown.map((top) => ({ top, known: false }))]
  marked.sort((a, b) => a.top - b.top)
  // From the lowest score up: below it nothing is refused, so that all unknown images are errors.
  let errors = unknown.length
  let best = { errors, after: -1 }
  marked.forEach((each, place) => {
    errors += each.known ? 1 : -1
    if (errors < best.errors) best = { errors, after: place }
  })
  // Halfway between the last score that is refused and the first that is not.
  const refused = marked[best.after]?.top
  const kept = marked[best.after + 1]?.top
  if (refused === undefined) return kept!
  return kept === undefined ? refused : (refused + kept) / 2
}

/** Every image's scores but that of its own class. */
function withoutOwn({ scores, classes, labels }: ScoredImages): Float32Array {
  const others = new Float32Array(labels.length * (classes - 1))
  labels.forEach((label, image) => {
    const row = scores.subarray(image * classes, (image + 1) * classes)
    others.set(row.subarray(0, label), image * (classes - 1))
    others.set(row.subarray(label + 1), image * (classes - 1) + label)
  })
  return others
}
