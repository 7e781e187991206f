import { announce, defineLearner, defineMethod, featuresOf, frozenFeatures, sideBySide } from '@pilotjs/core'
import { prototypeHead } from '@pilotjs/core'
import type { NamedVariables } from '@pilotjs/core'
import { firstTaskHead, firstTaskKeys, firstTaskOptions, learnFirstTask, tunedBackbone } from '@pilotjs/peft'
import { z } from 'zod'

const [pretrained, adapted] = ['backbone.', 'backbones.1.']

/**
 * APER: adapt the pre-trained network on the first task, freeze it, and from then on classify by the cosine to class means in
 * the features of both networks (Zhou et al., Revisiting Class-Incremental Learning with Pre-Trained Models, IJCV 2024).
 */
export const aper = defineMethod({
  name: 'aper',
  family: 'prototype',
  paper: {
    title:
      'Revisiting Class-Incremental Learning with Pre-Trained Models: Generalizability and Adaptivity are All You Need',
    venue: 'IJCV 2024',
    url: 'https://arxiv.org/abs/2303.07338',
  },
  options: z.object(firstTaskOptions),
  pilot: {
    modelNames: ['aper_adapter', 'aper_ssf', 'aper_vpt', 'aper_finetune'],
    keys: firstTaskKeys,
  },

  create({ backbone, options, rng }) {
    const tuned = tunedBackbone({ backbone, ...options, prefix: adapted, rng: rng.fork('tuned') })
    const head = prototypeHead({ width: 2 * backbone.width, rng })

    /** The general features of the pre-trained network beside the adapted ones. */
    const extractor = sideBySide([frozenFeatures(backbone), tuned.extractor])

    return defineLearner({
      parts: { tuned, head },
      prepare: (task) => head.grow(task.classesAfter),

      async learn(task, context) {
        if (task.index === 0) {
          const first = firstTaskHead(backbone.width, task.classesAfter, rng)
          const trained = asTraining(tuned.variables())
          await learnFirstTask({ tuned, trained, head: first, task, options, context }).finally(() => first.dispose())
        }
        await announce(context, {}, 'prototypes')
        const features = await featuresOf(task.train, extractor, context)
        head.learn(features, task.train.labels)
        features.dispose()
      },

      score: (images) => head.apply(extractor.apply(images)),
      readout: () => ({ extractor, score: (features) => head.apply(features) }),
    })
  },
})

/** PILOT trains the network as `backbone` and keeps it as the second of two `backbones`. */
const asTraining = (variables: NamedVariables): NamedVariables =>
  Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name.replace(adapted, pretrained), variable]))
