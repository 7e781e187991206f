import type { Backbone, ConfiguredMethod, Preprocessing, StreamPlan } from '@pilotjs/core'
import type { Preparation } from '../images/image-pool'
import { preparationFor } from '../images/image-pool'

/** What a classifier is made of, and stays. */
export interface Ingredients {
  readonly method: ConfiguredMethod
  readonly backbone: Backbone
  readonly seed: number
  /** What the learner was told of its stream, where that was in a run: it sizes itself by it. */
  readonly plan?: StreamPlan
  readonly preprocessing: Preprocessing
  readonly preparation: Preparation
}

export const ingredientsOf = (of: Omit<Ingredients, 'preparation'>): Ingredients => ({
  ...of,
  preparation: preparationFor(of.preprocessing),
})
