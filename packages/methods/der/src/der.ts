import { backboneCopy, defineLearner, defineMethod, partList, sideBySide } from '@pilotjs/core'
import { crossEntropy, linearHead } from '@pilotjs/core'
import { epochBatches, fitStage, stagedFitting, stagedFittingPilotKeys, train } from '@pilotjs/core'
import type { BackboneCopy, FeatureExtractor, PartList } from '@pilotjs/core'
import { budgetOf, exemplarMemory, memoryKeys, memoryOptions, nearestMeanScores } from '@pilotjs/rehearsal'
import { add, concat, maximum, slice, sub } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { z } from 'zod'

/**
 * DER: every task adds a feature extractor, the earlier ones are frozen, and one classifier reads all features side by side.
 * An auxiliary classifier, new classes against "any old one", makes the newest extractor learn what the others miss
 * (Yan, Xie and He, CVPR 2021). As in PILOT, extractors are not pruned.
 */
export const der = defineMethod({
  name: 'der',
  family: 'expansion',
  paper: {
    title: 'DER: Dynamically Expandable Representation for Class Incremental Learning',
    venue: 'CVPR 2021',
    url: 'https://arxiv.org/abs/2103.16788',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: a new extractor starts as the last one'),
    ...memoryOptions,
    ...stagedFitting({
      batchSize: 32,
      base: { epochs: 10, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 },
      increment: {
        epochs: 10,
        learningRate: 1e-3,
        milestones: [80, 120, 150],
        learningRateDecay: 0.1,
        weightDecay: 2e-4,
      },
    }),
  }),
  pilot: {
    modelNames: ['der'],
    keys: { ...memoryKeys, ...stagedFittingPilotKeys, T: { ignored: 'DER does not distil' } },
  },

  create({ backbone, options, rng }) {
    const extractors: PartList<BackboneCopy> = partList((index) => {
      const last = options.compat === 'pilot' ? extractors.items[index - 1] : undefined
      return backboneCopy({ backbone, prefix: `backbones.${index}.`, start: last?.tensors() })
    })
    const head = linearHead({ width: backbone.width, rng })
    const auxiliary = linearHead({ width: backbone.width, rng, name: 'aux_fc' })
    const memory = exemplarMemory(budgetOf(options))

    /** All features side by side; while training, those of the newest extractor change. */
    const all = (images: Tensor4D): Tensor2D =>
      concat(
        extractors.items.map((extractor, index) => extractor.features(images, index === extractors.items.length - 1)),
        1,
      )
    /** The same between trainings: no extractor ever changes again. */
    const frozen = (): FeatureExtractor =>
      sideBySide(
        extractors.items.map((extractor) => ({
          get id() {
            return extractor.fingerprint
          },
          width: backbone.width,
          apply: (images) => extractor.features(images),
        })),
      )
    const newest = (features: Tensor2D): Tensor2D => slice(features, [0, features.shape[1] - backbone.width])

    return defineLearner({
      parts: { extractors, head, auxiliary, memory },

      prepare(task, context) {
        extractors.add()
        head.grow(task.classesAfter, { width: backbone.width * extractors.items.length })
        auxiliary.restore({}, undefined)
        auxiliary.grow(task.classes.length + 1, { rng: context.rng })
      },

      learn: (task, context) =>
        train({
          phase: task.index === 0 ? 'init_train' : 'update_representation',
          parameters: { ...extractors.items.at(-1)!.variables(), ...head.variables(), ...auxiliary.variables() },
          ...fitStage(options, task),
          ...epochBatches(memory.rehearse(task.train, context), { size: options.batchSize, shuffle: context.rng }),
          loss({ images, labels }) {
            const features = all(images)
            const loss = crossEntropy(head.apply(features), labels)
            if (task.index === 0) return loss
            // 0 stands for any old class, 1, 2, … for the new ones.
            const novelty = maximum(sub(labels, task.classesBefore - 1), 0) as Tensor1D
            return add(loss, crossEntropy(auxiliary.apply(newest(features)), novelty))
          },
          context,
        }),

      finish: (task, context) => memory.update(task, frozen(), context),
      score: (images) => head.apply(frozen().apply(images)),
      readout: () => ({
        extractor: frozen(),
        score: (features) => head.apply(features),
        nearestMean: memory.means && ((features) => nearestMeanScores(features, memory.means!)),
      }),
    })
  },
})
