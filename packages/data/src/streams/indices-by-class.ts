import type { Dataset } from '../dataset/dataset'
import { DataError } from '../errors/data-error'

/**
 * Image positions by class of the dataset, in the split's own order.
 * @throws DataError when a class of `classOrder` has no images
 */
export function indicesByClass(
  dataset: Dataset,
  split: 'train' | 'test',
  classOrder: readonly number[],
): readonly (readonly number[])[] {
  const indices: number[][] = dataset.classNames.map(() => [])
  dataset[split].labels.forEach((raw, index) => indices[raw]?.push(index))
  const empty = classOrder.find((raw) => indices[raw]?.length === 0)
  if (empty !== undefined) {
    const subject = dataset.classNames[empty]!
    const problem = `Dataset '${dataset.name}': class '${subject}' has no ${split} images.`
    throw new DataError('class-without-images', problem, { subject, remedy: 'Leave the class out, or add some.' })
  }
  return indices
}
