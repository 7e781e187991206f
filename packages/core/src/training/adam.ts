import * as tf from '@tensorflow/tfjs-core'
import { variableStore } from '../parameters/variables'
import type { GradientGroup, Optimizer } from './optimizer'
import { renewedScalar } from './renewed'

export interface AdamOptions {
  learningRate: number
  /** Decay of the running means of gradient and squared gradient. Default [0.9, 0.999]. */
  betas?: readonly [number, number]
  /** Added to the root of the corrected second moment. Default 1e-8. */
  epsilon?: number
  weightDecay?: number
}

/** Adam (Kingma and Ba, ICLR 2015) as torch has it; weight decay is added to the gradient. */
export const adam = (options: AdamOptions): Optimizer => create(options, 'coupled', options.weightDecay ?? 0)

/**
 * AdamW (Loshchilov and Hutter, ICLR 2019) as torch has it: weights shrink by rate · weightDecay first. Default weightDecay 0.01.
 */
export const adamW = (options: AdamOptions): Optimizer => create(options, 'decoupled', options.weightDecay ?? 0.01)

function create(options: AdamOptions, decay: 'coupled' | 'decoupled', weightDecay: number): Optimizer {
  const { learningRate, betas = [0.9, 0.999], epsilon = 1e-8 } = options
  const [beta1, beta2] = betas
  const store = variableStore()
  /** Steps taken by each parameter: one that had no gradient for a while is corrected as the younger it is. */
  const steps = new Map<string, number>()
  const ageOf = (name: string) => steps.get(name) ?? 0
  return {
    learningRate,
    weightDecay,
    update(groups) {
      for (const group of groups) {
        const corrections = correctionsOf(group)
        const shrink = renewedScalar(() => 1 - group.learningRate * group.weightDecay)
        for (const { name, variable, gradient } of group.entries) {
          const [rate, root] = corrections.get(name)!
          const decays = group.weightDecay !== 0
          const slope =
            decays && decay === 'coupled' ? tf.add(gradient, tf.mul(variable, tf.scalar(group.weightDecay))) : gradient
          const start = decays && decay === 'decoupled' ? tf.mul(variable, shrink) : variable
          const mean = running(`exp_avg.${name}`, slope, beta1)
          const square = running(`exp_avg_sq.${name}`, tf.square(slope), beta2)
          const deviation = tf.add(tf.div(tf.sqrt(square), root), tf.scalar(epsilon))
          variable.assign(tf.sub(start, tf.mul(tf.div(mean, deviation), rate)))
        }
      }
    },
    state: () => ({ tensors: store.all(), json: { steps: Object.fromEntries(steps) } }),
    restore(state) {
      store.restore(state.tensors)
      steps.clear()
      for (const [name, age] of Object.entries((state.json.steps ?? {}) as Record<string, number>)) steps.set(name, age)
    },
    dispose: store.dispose,
  }

  /** For each parameter rate / (1 − β₁ᵗ) and √(1 − β₂ᵗ); those of one age t have them in common, and grow older together. */
  function correctionsOf(group: GradientGroup): Map<string, [tf.Scalar, tf.Scalar]> {
    const byAge = new Map<number, string[]>()
    for (const { name } of group.entries) {
      const age = ageOf(name)
      byAge.set(age, [...(byAge.get(age) ?? []), name])
    }
    const corrections = new Map<string, [tf.Scalar, tf.Scalar]>()
    for (const names of byAge.values()) {
      const rate = renewedScalar(() => {
        const age = ageOf(names[0]!) + 1
        for (const name of names) steps.set(name, age)
        return group.learningRate / (1 - beta1 ** age)
      })
      const root = renewedScalar(() => Math.sqrt(1 - beta2 ** ageOf(names[0]!)))
      for (const name of names) corrections.set(name, [rate, root])
    }
    return corrections
  }

  function running(key: string, value: tf.Tensor, beta: number): tf.Tensor {
    // Zeros from here, not computed: the first step is then the same graph as all others.
    if (!store.has(key)) store.set(key, tf.zeros(value.shape))
    const next = tf.add(tf.mul(store.get(key), tf.scalar(beta)), tf.mul(value, tf.scalar(1 - beta)))
    store.set(key, next)
    return next
  }
}
