import type { Dataset } from '../dataset/dataset'
import type { ImageSupply } from '../views/labeled-images'
import { indicesByClass } from './indices-by-class'
import { defineStream } from './stream'
import type { Scenario, Stream } from './stream'

/**
 * A stream whose classes come when their first image comes, and may come back: labels count up in that order. The test images of
 * a class belong to the part that first brings it, so that those of all parts so far are every class seen, each image once; a
 * part that brings no new class has none.
 * @param parts positions of training images, part by part
 */
export function streamOfParts(
  dataset: Dataset,
  scenario: Scenario,
  parts: readonly (readonly number[])[],
  supply: ImageSupply,
): Stream {
  const { labels } = dataset.train
  const classOrder = [...new Set(parts.flat().map((index) => labels[index]!))]
  const test = indicesByClass(dataset, 'test', classOrder)
  const seen = new Set<number>()
  const tasks = parts.map((train) => {
    const fresh = [...new Set(train.map((index) => labels[index]!))].filter((raw) => !seen.has(raw))
    for (const raw of fresh) seen.add(raw)
    return { train, test: fresh.flatMap((raw) => test[raw]!) }
  })
  return defineStream({ ...supply, dataset, scenario, classOrder, tasks })
}
