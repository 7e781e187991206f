import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Remembered } from './contrastive-loss'

/** Features of the last drawings seen, the oldest first (Wang et al., "Cross-Batch Memory", CVPR 2020). */
export interface CrossBatchMemory {
  /** What is kept between steps: `features.KIND` [size, width] for each kind, and `labels` [size]. */
  variables: Record<string, Variable>
  read(kind: string): Remembered
  /** Takes a batch in, of each kind [batch, width], and lets as many of the oldest go. Inside `tf.tidy`. */
  push(units: Record<string, Tensor2D>, labels: Tensor1D): void
}

/** An empty memory. A network changes little in the few dozen steps that a drawing stays in it. */
export function createCrossBatchMemory(size: number, width: number, kinds: string[]): CrossBatchMemory {
  const variable = (values: tf.Tensor) => tf.variable(values, false)
  const variables: Record<string, Variable> = tf.tidy(() => ({
    labels: variable(tf.fill([size], -1, 'int32')),
    ...Object.fromEntries(kinds.map((kind) => [`features.${kind}`, variable(tf.zeros([size, width]))])),
  }))
  const shift = (name: string, added: tf.Tensor) => {
    const kept = variables[name]!
    const all = tf.concat([kept, added])
    kept.assign(tf.slice(all, all.shape[0]! - size, size))
  }
  return {
    variables,
    read: (kind) => ({
      features: variables[`features.${kind}`] as unknown as Tensor2D,
      labels: variables.labels as unknown as Tensor1D,
    }),
    push(units, labels) {
      shift('labels', labels)
      for (const [kind, unit] of Object.entries(units)) shift(`features.${kind}`, unit)
    },
  }
}
