import type { Part, Rng, Tuning } from '@pilotjs/core'

/** A parameter-efficient fine-tuning module: the tensors it keeps, and how they reach into a transformer. */
export interface PeftModule extends Part {
  /**
   * The seams it uses, as a forward call takes them.
   * @param training given while training: what only training does (dropout) is drawn from it
   */
  tuning(training?: Rng): Tuning
}
