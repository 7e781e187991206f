import type { Learner } from '@pilotjs/core'

/**
 * A learner that several look at, and that is let go of when the last of them is done. It never changes: what learns is a copy.
 */
export interface SharedLearner {
  readonly learner: Learner
  retain(): SharedLearner
  release(): void
}

export function sharedLearner(learner: Learner): SharedLearner {
  let users = 1
  const shared: SharedLearner = {
    learner,
    retain() {
      users++
      return shared
    },
    release() {
      if (--users === 0) learner.dispose()
    },
  }
  return shared
}
