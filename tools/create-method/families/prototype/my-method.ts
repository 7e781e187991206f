import { announcePhase, defineLearner, defineMethod, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { prototypeHead } from '@pilotjs/core/heads'
import * as z from 'zod'

/** MyMethod: a class is the mean of its frozen features; nothing trains. A start: change it into your own. */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'prototype',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object({}),
  accepts: { moreImages: true, online: true, removeClass: true, mergeClasses: true },

  create({ backbone, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })

    return defineLearner(
      { head },
      {
        async learn(task, context) {
          head.grow(task.classesAfter)
          announcePhase(context, 'prototypes')
          const features = await featuresOf(task.train, extractor, context)
          head.learn(features, task.train.labels)
          features.dispose()
        },
        // Features of a frozen backbone are computed once per image and kept.
        extractor,
        readings: { head: head.apply },
        removeClass: head.remove,
        mergeClasses: (into, from) => head.merge(into, from),
      },
    )
  },
})
