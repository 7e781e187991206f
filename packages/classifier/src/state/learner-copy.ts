import type { Learner } from '@pilotjs/core'
import type { Ingredients } from './ingredients'
import type { Knowledge } from './knowledge'

/** A learner that knows the same and goes on in the same way, bit for bit; a new one where nothing is known. */
export function copyOf({ shared }: Knowledge, { method, backbone, seed, plan }: Ingredients): Learner {
  const learner = method.create({ backbone, seed, plan })
  try {
    if (shared) learner.restore(shared.learner.state())
    return learner
  } catch (error) {
    learner.dispose()
    throw error
  }
}
