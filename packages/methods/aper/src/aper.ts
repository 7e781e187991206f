import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { sideBySide } from '@pilotjs/core/features'
import { learnPrototypes, prototypeHead } from '@pilotjs/core/heads'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions, trainedClasses } from '@pilotjs/peft'
import * as z from 'zod'
import { pilot } from './pilot-compat'

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
  accepts: { moreImages: true, removeClass: true, mergeClasses: true },
  pilot,

  create({ backbone, options, rng }) {
    const net = firstTaskNetwork(backbone, options, rng.fork('tuned'))
    const head = prototypeHead({ width: net.width, rng })
    /** The general features of the pre-trained network beside the adapted ones. */
    const extractor = sideBySide([network({ backbone }).extractor, net.extractor])
    const trained = trainedClasses()

    return defineLearner(
      { net, head, trained },
      {
        async learn(task, context) {
          if (task.index === 0) {
            await adaptToFirstTask({ net, head, task, options, context })
            if (options.tuning !== 'none') trained.note(task)
            head.reset(task.classesAfter, { width: extractor.width })
          } else head.grow(task.classesAfter)
          await learnPrototypes(head, task, extractor, context)
        },
        extractor,
        readings: { head: head.apply },
        removeClass: trained.outside(head.remove),
        mergeClasses: trained.outside(head.merge),
      },
    )
  },
})
