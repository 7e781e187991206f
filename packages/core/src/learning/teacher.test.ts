import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { createVit, initVit } from '../backbones/vit/vit'
import { linearHead } from '../heads/linear-head'
import { createRng } from '../random/rng'
import { network } from './network'
import { teacherOf } from './teacher'

it('a teacher scores as network and head did, whatever they learn afterwards', () => {
  const config = { imageSize: 4, patchSize: 2, width: 4, depth: 1, heads: 1 }
  const backbone = createVit(config, initVit(config, createRng(1)))
  const net = network({ backbone, weights: backbone.parameters })
  const head = linearHead({ width: 4, rng: createRng(2) })
  head.grow(2)
  const images = tf.tensor4d(createRng(3).normals(2 * 48, 0, 1), [2, 4, 4, 3])
  const scores = (of: () => tf.Tensor2D) => tf.tidy(() => Array.from(of().dataSync()))
  const student = () => head.apply(net.features(images))
  const before = tf.memory().numTensors

  const known = scores(student)
  const teacher = teacherOf(net, head, linearHead({ width: 4, rng: createRng(2) }))
  expect(scores(() => teacher.score(images))).toEqual(known)
  for (const variable of [net.variables()['norm.bias']!, head.variables().weight!])
    tf.tidy(() => variable.assign(tf.add(variable, 1)))
  expect(scores(student)).not.toEqual(known)
  expect(scores(() => teacher.score(images))).toEqual(known)
  teacher.dispose()
  expect(tf.memory().numTensors).toBe(before)
  net.dispose()
  head.dispose()
  images.dispose()
  backbone.dispose()
})
