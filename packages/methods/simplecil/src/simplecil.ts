import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { learnPrototypes, prototypeHead } from '@pilotjs/core/heads'
import * as z from 'zod'
import { pilot } from './pilot-compat'

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
  accepts: { moreImages: true, online: true, removeClass: true, mergeClasses: true },
  pilot,

  create({ backbone, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })

    return defineLearner(
      { head },
      {
        async learn(task, context) {
          head.grow(task.classesAfter)
          await learnPrototypes(head, task, extractor, context)
        },
        extractor,
        readings: { head: head.apply },
        removeClass: head.remove,
        mergeClasses: (into, from) => head.merge(into, from),
      },
    )
  },
})
