import { requireEqualLengths } from './accuracy'

/** The best classes of every image, best first. */
export interface TopK {
  readonly k: number
  /** [images · k], row after row. */
  readonly classes: Int32Array
}

/**
 * The k best classes of every image. Equal scores go to the lower class, and a NaN never beats a number, so that equal
 * scores give equal predictions on every machine.
 * @param scores [images · classes], row after row; higher = more likely
 * @param classes scores per image
 * @param k at most `classes` are taken (PILOT asks for five even of four classes and stops there)
 */
export function topK(scores: ArrayLike<number>, classes: number, k: number): TopK {
  if (!Number.isInteger(classes) || classes < 1)
    throw new RangeError(`classes must be a positive integer, got ${classes}`)
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k must be a positive integer, got ${k}`)
  if (scores.length % classes !== 0)
    throw new RangeError(`${scores.length} scores are no whole number of rows of ${classes} classes`)
  const images = scores.length / classes
  const kept = Math.min(k, classes)
  const best = new Int32Array(images * kept)
  const value = (image: number, c: number) => {
    const score = scores[image * classes + c]!
    return Number.isNaN(score) ? -Infinity : score
  }
  for (let image = 0; image < images; image++) {
    const row = best.subarray(image * kept, (image + 1) * kept)
    let filled = 0
    for (let c = 0; c < classes; c++) {
      // Insertion into a short sorted row: strictly greater moves ahead, so ties keep class order.
      let at = filled
      while (at > 0 && value(image, c) > value(image, row[at - 1]!)) at--
      if (at >= kept) continue
      if (filled < kept) filled++
      row.copyWithin(at + 1, at, filled - 1)
      row[at] = c
    }
  }
  return { k: kept, classes: best }
}

/** The best class of every image: the first column of `topK`. */
export function predictions(top: TopK): Int32Array {
  return Int32Array.from({ length: top.classes.length / top.k }, (_, image) => top.classes[image * top.k]!)
}

/**
 * Share of images whose label is among their k best classes.
 * @returns percent, 0 … 100; NaN where there is no image
 */
export function topKAccuracy(top: TopK, labels: ArrayLike<number>): number {
  requireEqualLengths(top.classes.length / top.k, labels.length)
  let right = 0
  for (let image = 0; image < labels.length; image++)
    for (let rank = 0; rank < top.k; rank++) if (top.classes[image * top.k + rank] === labels[image]) right++
  return (right * 100) / labels.length
}
