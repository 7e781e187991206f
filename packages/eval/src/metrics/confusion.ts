import { requireEqualLengths } from './accuracy'

/**
 * Counts of images by true class (row) and predicted class (column).
 * @param classes rows and columns: the classes seen
 * @throws RangeError where a label or prediction is outside 0 … classes − 1
 */
export function confusionMatrix(predicted: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number[][] {
  requireEqualLengths(predicted.length, labels.length)
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < labels.length; i++) {
    const row = counts[labels[i]!]
    const column = predicted[i]!
    if (row?.[column] === undefined)
      throw new RangeError(`image ${i}: label ${labels[i]} or prediction ${column} is not one of ${classes} classes`)
    row[column]++
  }
  return counts
}

/** Accuracy of each class (its recall), percent; null for a class without images. */
export function perClassAccuracy(confusion: readonly (readonly number[])[]): (number | null)[] {
  return confusion.map((row, label) => {
    const images = row.reduce((sum, count) => sum + count, 0)
    return images === 0 ? null : (row[label]! * 100) / images
  })
}
