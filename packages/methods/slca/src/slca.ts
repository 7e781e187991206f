import { defineLearner, defineMethod } from '@pilotjs/core'
import { slowLearner, slowLearnerOptions } from '@pilotjs/statistics'
import * as z from 'zod'
import { pilot } from './pilot-compat'

/**
 * SLCA: the whole backbone learns every task, but slowly, and the classifier quickly; then all classes' heads are aligned with
 * each other on features drawn from a Gaussian of each class (Zhang et al., ICCV 2023).
 */
export const slca = defineMethod({
  name: 'slca',
  family: 'baseline',
  paper: {
    title: 'SLCA: Slow Learner with Classifier Alignment for Continual Learning on a Pre-trained Model',
    venue: 'ICCV 2023',
    url: 'https://arxiv.org/abs/2303.05118',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: takes all tasks to be as large as the newest'),
    ...slowLearnerOptions,
  }),
  pilot,

  create({ backbone, options, rng }) {
    const { parts, learn, remember, align } = slowLearner({
      backbone,
      options,
      rng,
      equalTasks: options.compat === 'pilot',
    })

    return defineLearner(parts, {
      async learn(task, context) {
        await learn(task, context)
        await remember(task, context)
        await align(task, context)
      },
      extractor: parts.net.extractor,
      readings: {
        aligned: (features) => parts.aligned.apply(features),
        trained: (features) => parts.heads.apply(features),
      },
    })
  },
})
