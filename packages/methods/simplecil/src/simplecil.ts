import {
  announce,
  defineLearner,
  defineMethod,
  featuresOf,
  frozenFeatures,
  prototypeHead,
  withoutMemoryPilotKeys,
} from '@pilotjs/core'
import { z } from 'zod'

const nothingTrains = { ignored: 'SimpleCIL trains nothing' } as const

/** SimpleCIL: a class is the mean of its frozen features, an image belongs to the class of the nearest direction. */
export const simplecil = defineMethod({
  name: 'simplecil',
  family: 'prototype',
  paper: {
    title:
      'Revisiting Class-Incremental Learning with Pre-Trained Models: Generalizability and Adaptivity are All You Need',
    venue: 'IJCV 2024',
    url: 'https://arxiv.org/abs/2303.07338',
  },
  options: z.object({}),
  pilot: {
    modelNames: ['simplecil'],
    keys: {
      ...withoutMemoryPilotKeys,
      tuned_epoch: nothingTrains,
      init_lr: nothingTrains,
      batch_size: nothingTrains,
      weight_decay: nothingTrains,
      min_lr: nothingTrains,
      optimizer: nothingTrains,
      vpt_type: nothingTrains,
      prompt_token_num: nothingTrains,
    },
  },

  create({ backbone, rng }) {
    const extractor = frozenFeatures(backbone)
    const head = prototypeHead({ width: backbone.width, rng })

    return defineLearner({
      parts: { head },
      prepare: (task) => head.grow(task.classesAfter),
      async learn(task, context) {
        await announce(context, head.variables(), 'prototypes')
        const features = await featuresOf(task.train, extractor, context)
        head.learn(features, task.train.labels)
        features.dispose()
      },
      score: (images) => head.apply(extractor.apply(images)),
      readout: () => ({ extractor, score: head.apply }),
    })
  },
})
