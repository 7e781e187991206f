import { l2p } from '@pilotjs/l2p'
import { ranpac } from '@pilotjs/ranpac'
import { simplecil } from '@pilotjs/simplecil'
import { contextOf, patternImages, patternTask, scoresOf, tinyBackbone } from '@pilotjs/testing'
import type { Backbone, Learner } from '@pilotjs/core'
import type { ConformanceCase } from '../case'

/** Losses of learning two tasks of two classes, and scores of images of all four. */
function method(name: string, create: (backbone: Backbone) => Learner): ConformanceCase {
  return {
    name,
    // A method's loss and scores come at the end of some ten thousand roundings.
    tolerance: 2e-5,
    async run() {
      const backbone = tinyBackbone()
      const learner = create(backbone)
      const losses: number[] = []
      const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
      const context = contextOf(tasks, {
        seed: 5,
        onProgress: (event) => event.kind === 'step' && losses.push(event.loss),
      })
      for (const task of tasks) await learner.learn(task, context(task))
      const { values } = await scoresOf(learner, patternImages([0, 1, 2, 3, 3, 2], 'exam'))
      learner.dispose()
      backbone.dispose()
      return { losses, scores: Array.from(values) }
    },
  }
}

const recipe = { epochs: 2, batchSize: 5 }

/** Methods at work, from images to scores. */
export const methods: readonly ConformanceCase[] = [
  method('simplecil', (backbone) => simplecil().create({ backbone, seed: 1 })),
  method('l2p', (backbone) =>
    l2p({ ...recipe, poolSize: 4, promptLength: 2, topK: 2, learningRate: 0.01 }).create({ backbone, seed: 1 }),
  ),
  method('ranpac', (backbone) =>
    ranpac({ ...recipe, projectionSize: 48, bottleneck: 4, dropout: 0 }).create({ backbone, seed: 1 }),
  ),
]
