import type { Backbone, Learner, Method } from '@pilotjs/core'
import type { z } from 'zod'
import { patternImages, patternTask, tinyBackbone } from './patterns'

/** The run's seed; a learner's own is another, so that nothing rests on their being equal. */
export const seed = 5
const learnerSeed = 3

/** The tiny stream of the contract: six patterns, two a task. */
export const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])] as const
const plan = { totalClasses: 6, baseClasses: 2, increment: 2 }
export const exam = patternImages([0, 1, 2, 3, 4, 5, 0, 1], 'exam')

/** Learners of a method under test. */
export interface Trial {
  make(backbone: Backbone, seed?: number): Learner
  makeWithoutPlan(backbone: Backbone): Learner
  /** A learner and its backbone for the length of a check. */
  withLearner(use: (learner: Learner, backbone: Backbone) => Promise<void>): Promise<void>
}

export function trialOf<Schema extends z.ZodType>(method: Method<Schema>, options: z.input<Schema>): Trial {
  const configured = method(options)
  const make: Trial['make'] = (backbone, seed = learnerSeed) => configured.create({ backbone, seed, plan })
  return {
    make,
    makeWithoutPlan: (backbone) => configured.create({ backbone, seed: learnerSeed }),
    async withLearner(use) {
      const backbone = tinyBackbone()
      const learner = make(backbone)
      await use(learner, backbone).finally(() => {
        learner.dispose()
        backbone.dispose()
      })
    },
  }
}

/** What an attempt is refused with; undefined where it succeeds. */
export const refusalOf = (attempt: () => unknown): Promise<{ code?: string; message: string } | undefined> =>
  Promise.resolve()
    .then(attempt)
    .then(
      () => undefined,
      (error: unknown) => error as { code?: string; message: string },
    )
