import { reshape, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import type { Task } from '../contracts/task'
import { featuresOf } from '../features/frozen'
import { createRng } from '../random/rng'
import { points, recordingContext } from '../testing/points'
import { learnPrototypes } from './learn-prototypes'
import { prototypeHead } from './prototype-head'

it('makes the mean features of a task’s classes their prototypes, in a phase of its own', async () => {
  const train = points([0, 0, 1])
  const task: Task = { index: 0, classes: [0, 1], classesBefore: 0, classesAfter: 2, train }
  const extractor = { width: 3, apply: (images: Tensor4D) => reshape(images, [-1, 3]) as Tensor2D }
  const head = prototypeHead({ width: 3, rng: createRng(1) })
  head.grow(2)
  const context = recordingContext()
  await learnPrototypes(head, task, extractor, context)
  expect(context.events[0]).toMatchObject({ kind: 'phase', phase: 'prototypes' })

  const features = await featuresOf(train, extractor, context)
  const [first, second, third] = features.arraySync() as [number[], number[], number[]]
  features.dispose()
  const learned = tidy(() => head.rows([0, 1]).arraySync())
  learned[0]!.forEach((value, i) => expect(value).toBeCloseTo((first[i]! + second[i]!) / 2, 5))
  learned[1]!.forEach((value, i) => expect(value).toBeCloseTo(third[i]!, 5))
})
