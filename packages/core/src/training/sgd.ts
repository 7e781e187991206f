import * as tf from '@tensorflow/tfjs-core'
import { variableStore } from '../parameters/variables'
import type { Optimizer } from './optimizer'
import { renewedScalar } from './renewed'

export interface SgdOptions {
  learningRate: number
  /** Default 0. */
  momentum?: number
  /** L2 penalty, added to the gradient before the momentum (coupled). Default 0. */
  weightDecay?: number
}

/** Stochastic gradient descent with torch's momentum: v ← momentum·v + g, p ← p − rate·v; no dampening, no Nesterov. */
export function sgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum = 0, weightDecay = 0 } = options
  const store = variableStore()
  return {
    learningRate,
    weightDecay,
    update(groups) {
      for (const group of groups) {
        const rate = renewedScalar(() => group.learningRate)
        for (const { name, variable, gradient } of group.entries) {
          const decayed =
            group.weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(variable, tf.scalar(group.weightDecay)))
          let change = decayed
          if (momentum !== 0) {
            const key = `momentum_buffer.${name}`
            // Zeros from here, not computed: the first step is then the same graph as all others.
            if (!store.has(key)) store.set(key, tf.zeros(variable.shape))
            change = tf.add(tf.mul(store.get(key), tf.scalar(momentum)), decayed)
            store.set(key, change)
          }
          variable.assign(tf.sub(variable, tf.mul(change, rate)))
        }
      }
    },
    state: () => ({ tensors: store.all(), json: {} }),
    restore: (state) => store.restore(state.tensors),
    dispose: store.dispose,
  }
}
