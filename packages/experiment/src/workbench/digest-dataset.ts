import type { Dataset } from '@pilotjs/data'
import { classIncremental, digestStream } from '@pilotjs/data'
import { digestOf } from '../digest-of'

/**
 * Names and contents of a dataset's classes and images in one digest, whatever stream is made of it.
 * @param supply how its images are read; nothing is decoded
 */
export async function digestDataset(
  dataset: Dataset,
  supply: Pick<Parameters<typeof classIncremental>[1], 'transforms'>,
  signal?: AbortSignal,
): Promise<string> {
  const whole = classIncremental(dataset, { ...supply, increment: dataset.classNames.length, shuffle: false })
  return digestOf(await digestStream(whole, { signal }))
}
