import { announcePhase, defineLearner, defineMethod, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { valuePart } from '@pilotjs/core/parts'
import * as z from 'zod'
import { neighboursPart } from './neighbours'

/**
 * Nearest neighbours: the frozen features of every training image are kept, and the ones nearest to an image vote for its class,
 * each by how near it is. Nothing is trained, nothing is forgotten, and what is kept grows with every image.
 */
export const knn = defineMethod({
  name: 'knn',
  family: 'baseline',
  paper: {
    title: 'Unsupervised Feature Learning via Non-Parametric Instance Discrimination (its weighted nearest neighbours)',
    venue: 'CVPR 2018',
    url: 'https://arxiv.org/abs/1805.01978',
  },
  options: z.object({
    neighbours: z.int().positive().default(20).describe('how many training images vote'),
    temperature: z.number().positive().default(0.07).describe('the smaller, the more the nearest outvote the others'),
  }),
  accepts: { moreImages: true, online: true, removeClass: true },

  create({ backbone, options }) {
    const { extractor } = network({ backbone })
    const near = neighboursPart(options)
    const classes = valuePart<number>(0)

    return defineLearner(
      { near, classes },
      {
        async learn(task, context) {
          announcePhase(context, 'neighbours')
          const features = await featuresOf(task.train, extractor, context)
          near.add(features, task.train.labels)
          features.dispose()
          classes.value = task.classesAfter
        },
        extractor,
        readings: { votes: (features) => near.scores(features, classes.value) },
        removeClass(label) {
          near.remove(label)
          classes.value--
        },
      },
    )
  },
})
