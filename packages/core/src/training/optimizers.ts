import { adam, adamW } from './adam'
import type { Optimizer } from './optimizer'
import { sgd } from './sgd'

/** An optimizer that a recipe can name. */
export interface OptimizerKind {
  readonly name: string
  readonly description: string
  create(options: { learningRate: number; weightDecay: number }): Optimizer
}

/** The optimizers that options may name, as PILOT sets them. One of your own goes into a recipe as a value. */
export const optimizerKinds: readonly OptimizerKind[] = [
  {
    name: 'sgd',
    description: 'stochastic gradient descent with momentum 0.9',
    create: (options) => sgd({ ...options, momentum: 0.9 }),
  },
  { name: 'adam', description: 'Adam, weight decay added to the gradient', create: adam },
  { name: 'adamw', description: 'Adam, weight decay apart from the gradient', create: adamW },
]
