import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { partList } from '../parts/part-list'
import type { Part } from '../parts/part'
import type { Rng } from '../random/rng'
import type { Head } from './head'
import { linearHead } from './linear-head'

/** A linear head for every task, side by side: what a task learns of its classes is apart from the others'. */
export interface TaskHeads extends Part {
  /** How many classes each task brought, in order. */
  readonly sizes: readonly number[]
  readonly items: readonly Head[]
  /** Makes the head of one more task, of so many classes. */
  add(classes: number): Head
  /** [batch, width] → [batch, classes of all tasks] */
  apply(features: Tensor2D): Tensor2D
  /** Takes over all that other heads hold. */
  copyFrom(others: TaskHeads): void
  /** Forgets them all. */
  clear(): void
}

/** Linear heads that start as timm's do: deviation 0.02, no bias (PILOT's `SimpleContinualLinear`). */
export function taskHeads({ width, rng }: { width: number; rng: Rng }): TaskHeads {
  const heads = partList((index) =>
    linearHead({ width, rng: rng.fork('head', index), initialization: 'truncatedNormal' }),
  )
  return {
    get sizes() {
      return heads.items.map(({ classes }) => classes)
    },
    get items() {
      return heads.items
    },
    add(classes) {
      const head = heads.add()
      head.grow(classes)
      return head
    },
    apply: (features) =>
      tf.concat(
        heads.items.map((head) => head.apply(features)),
        1,
      ),
    copyFrom(others) {
      heads.truncate(others.items.length)
      others.items.forEach((other, index) => (heads.items[index] ?? heads.add()).copyFrom(other))
    },
    clear: () => heads.truncate(0),
    variables: heads.variables,
    json: () => heads.json!(),
    restore: heads.restore,
    dispose: heads.dispose,
  }
}
