import { backboneCopy, defineLearner, defineMethod } from '@pilotjs/core'
import { crossEntropy, distillation, linearHead } from '@pilotjs/core'
import { epochBatches, fitStage, stagedFitting, stagedFittingPilotKeys, train } from '@pilotjs/core'
import type { FeatureExtractor } from '@pilotjs/core'
import { budgetOf, exemplarMemory, memoryKeys, memoryOptions, nearestMeanScores } from '@pilotjs/rehearsal'
import { add, slice } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { z } from 'zod'

/**
 * iCaRL: train on new classes and a few exemplars of the old ones, distil what the network knew before, and classify by the
 * nearest mean of exemplars (Rebuffi et al., CVPR 2017). As in PILOT the new classes are learned by cross-entropy over a
 * softmax, not by the paper's sigmoids, and the linear head's predictions stand beside the nearest means.
 */
export const icarl = defineMethod({
  name: 'icarl',
  family: 'rehearsal',
  paper: {
    title: 'iCaRL: Incremental Classifier and Representation Learning',
    venue: 'CVPR 2017',
    url: 'https://arxiv.org/abs/1611.07725',
  },
  options: z.object({
    ...memoryOptions,
    temperature: z.number().positive().default(2).describe('softens both sides of the distillation'),
    ...stagedFitting({
      batchSize: 128,
      base: { epochs: 20, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 },
      increment: { epochs: 20, learningRate: 1e-3, milestones: [80, 120], learningRateDecay: 0.1, weightDecay: 2e-4 },
    }),
  }),
  pilot: { modelNames: ['icarl'], keys: { ...memoryKeys, ...stagedFittingPilotKeys, T: 'temperature' } },

  create({ backbone, options, rng }) {
    const network = backboneCopy({ backbone, prefix: 'backbone.' })
    const head = linearHead({ width: backbone.width, rng })
    const memory = exemplarMemory(budgetOf(options))
    const extractor: FeatureExtractor = { width: backbone.width, apply: (images) => network.features(images) }

    return defineLearner({
      parts: { network, head, memory },
      prepare: (task) => head.grow(task.classesAfter),

      async learn(task, context) {
        const before = task.index > 0 ? frozenCopy() : undefined
        await train({
          phase: task.index === 0 ? 'init_train' : 'update_representation',
          parameters: { ...network.variables(), ...head.variables() },
          ...fitStage(options, task),
          ...epochBatches(memory.rehearse(task.train, context), { size: options.batchSize, shuffle: context.rng }),
          loss({ images, labels }) {
            const logits = head.apply(network.features(images, true))
            const loss = crossEntropy(logits, labels)
            if (!before) return loss
            const known = (scores: Tensor2D) => slice(scores, [0, 0], [-1, task.classesBefore])
            return add(loss, distillation(known(logits), known(before.score(images)), options.temperature))
          },
          context,
        }).finally(() => before?.dispose())
      },

      finish: (task, context) => memory.update(task, extractor, context),
      score: (images) => head.apply(network.features(images)),
      readout: () => ({
        extractor,
        score: (own) => head.apply(own),
        nearestMean: memory.means && ((own) => nearestMeanScores(own, memory.means!)),
      }),
    })

    /** The network as it is now, to distil from. */
    function frozenCopy() {
      const old = backboneCopy({ backbone, prefix: 'old.', start: network.tensors() })
      const oldHead = linearHead({ width: backbone.width, rng })
      oldHead.restore(head.variables(), undefined)
      return {
        score: (images: Tensor4D) => oldHead.apply(old.features(images)),
        dispose() {
          old.dispose()
          oldHead.dispose()
        },
      }
    }
  },
})
