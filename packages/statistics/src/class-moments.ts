import { div, gather, matMul, mean, sub, tensor2d, tidy, stack, tensor1d, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { checkLabels } from './one-hot'

/**
 * Mean feature of each class.
 * @param features [images, width]
 * @param classes which labels, in the order of the result's rows
 * @returns [classes, width]
 * @throws RangeError for a class without images
 */
export function classMeans(features: Tensor2D, labels: ArrayLike<number>, classes: readonly number[]): Tensor2D {
  checkLabels(features.shape[0], labels)
  const positions = rowsOf(labels, classes)
  const rows = new Map(classes.map((label, row) => [label, row]))
  const shares = new Float32Array(classes.length * labels.length)
  for (let i = 0; i < labels.length; i++) {
    const row = rows.get(labels[i]!)
    if (row !== undefined) shares[row * labels.length + i] = 1
  }
  return tidy(() => {
    const sums = matMul(tensor2d(shares, [classes.length, labels.length]), features)
    return div(sums, tensor2d(positions.map((own) => [own.length])))
  })
}

/**
 * Covariance of each class' features, divided by images − 1 (a class of one image has none: zeros).
 * @param features [images, width]
 * @returns [classes, width, width]
 */
export function classCovariances(features: Tensor2D, labels: ArrayLike<number>, classes: readonly number[]): Tensor3D {
  checkLabels(features.shape[0], labels)
  const width = features.shape[1]
  return tidy(() =>
    stack(
      rowsOf(labels, classes).map((own) =>
        own.length < 2
          ? (zeros([width, width]) as Tensor2D)
          : tidy(() => {
              const rows = gather(features, tensor1d(own, 'int32'))
              const centred = sub(rows, mean(rows, 0, true)) as Tensor2D
              return div(matMul(centred, centred, true), own.length - 1) as Tensor2D
            }),
      ),
    ),
  ) as Tensor3D
}

/** Rows of each class. */
function rowsOf(labels: ArrayLike<number>, classes: readonly number[]): number[][] {
  const rows = new Map(classes.map((label) => [label, [] as number[]]))
  for (let i = 0; i < labels.length; i++) rows.get(labels[i]!)?.push(i)
  const empty = classes.filter((label) => rows.get(label)!.length === 0)
  if (empty.length > 0) throw new RangeError(`no image of class ${empty.join(', ')}: a class needs one to have a mean`)
  return classes.map((label) => rows.get(label)!)
}
