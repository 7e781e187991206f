import { PilotError } from '@pilotjs/core'
import type { JsonValue, LabeledImages, LearnContext, NamedTensors, Task } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'

/** Every training image of every task so far, by its key: what a bound trains on that may look back at everything. */
export interface SeenImages extends Part {
  readonly size: number
  /** Remembers a task's images behind those of earlier tasks. */
  add(task: Pick<Task, 'train'>): void
  /** All images remembered, in the order in which they came. @throws RangeError while there are none */
  images(context: Pick<LearnContext, 'recall'>): LabeledImages
}

/** Keeps keys and labels, a few bytes an image; the images come back through `context.recall`. */
export function seenImages(): SeenImages {
  let keys: readonly string[] = []
  let labels: readonly number[] = []
  return {
    get size() {
      return keys.length
    },
    add({ train }) {
      keys = [...keys, ...Array.from({ length: train.length }, (_, position) => train.key(position))]
      labels = [...labels, ...train.labels]
    },
    images(context) {
      if (keys.length === 0) throw new RangeError('no image was seen yet: there is nothing to recall')
      return context.recall(keys, labels)
    },
    variables: () => ({}),
    json: (): JsonValue => ({ keys, labels }),
    restore(_: NamedTensors, json: JsonValue | undefined) {
      const saved = (json ?? {}) as { readonly keys?: unknown; readonly labels?: unknown }
      const sound =
        Array.isArray(saved.keys) &&
        Array.isArray(saved.labels) &&
        saved.keys.length === saved.labels.length &&
        saved.keys.every((key) => typeof key === 'string') &&
        saved.labels.every(Number.isInteger)
      if (!sound)
        throw new PilotError(
          'invalid-state',
          'the images seen are damaged in the saved state: keys and labels do not pair up',
          { field: 'keys' },
        )
      keys = saved.keys as string[]
      labels = saved.labels as number[]
    },
    dispose() {
      keys = labels = []
    },
  }
}
