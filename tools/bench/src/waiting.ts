import type { Batch, BatchOptions, LabeledImages } from '@pilotjs/core'
import { performance } from 'node:perf_hooks'

/** How long whoever walks batches waited for them. */
export interface Waiting {
  milliseconds: number
  batches: number
}

const originals = new WeakMap<LabeledImages, LabeledImages>()

/** The same images; what their walker waits for is added up in `waiting`. The first batch counts too. */
export function withWaiting(images: LabeledImages, waiting: Waiting): LabeledImages {
  async function* timed(options: BatchOptions): AsyncGenerator<Batch> {
    const iterator = images.batches(options)[Symbol.asyncIterator]()
    try {
      for (;;) {
        const start = performance.now()
        const next = await iterator.next()
        waiting.milliseconds += performance.now() - start
        if (next.done) return
        waiting.batches++
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const wrapped: LabeledImages = {
    length: images.length,
    labels: images.labels,
    preparation: images.preparation,
    key: (position) => images.key(position),
    select: (positions) => withWaiting(images.select(positions), waiting),
    // The other side may be wrapped as well; the data package joins only views of its own.
    concat: (other) => withWaiting(images.concat(originals.get(other) ?? other), waiting),
    batches: timed,
  }
  originals.set(wrapped, images)
  return wrapped
}
