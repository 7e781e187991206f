/**
 * Top-1 accuracy: the share of predictions that equal their label.
 * @param predicted class of each image
 * @param labels true class of each image, as long as `predicted`
 * @returns percent, 0 … 100; NaN where there is no image
 */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireEqualLengths(predicted.length, labels.length)
  let right = 0
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) right++
  return (right * 100) / labels.length
}

/** @throws RangeError where predictions and labels do not pair up */
export function requireEqualLengths(predictions: number, labels: number): void {
  if (predictions !== labels) throw new RangeError(`${predictions} predictions for ${labels} labels: give one each`)
}
