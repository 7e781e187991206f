import type { Learner, LearnerState } from '@pilotjs/core'
import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

const WIDTH = 48

/**
 * A linear softmax classifier on pixels, trained by plain gradient descent on shuffled batches: small enough for any
 * test, and sensitive to every random number it draws.
 */
export function tinyLearner({ epochs = 2, pause = () => Promise.resolve() } = {}): Learner {
  let weight: Variable = tf.tidy(() => tf.variable(tf.zeros([0, WIDTH])))
  const logits = (images: Tensor4D, w: tf.Tensor) =>
    tf.matMul(tf.reshape(images, [-1, WIDTH]), w as Tensor2D, false, true) as Tensor2D
  const replace = (values: tf.Tensor) => {
    weight.dispose()
    weight = tf.variable(values)
    values.dispose()
  }
  return {
    async learn(task, context) {
      const added = task.classesAfter - weight.shape[0]!
      replace(
        tf.tidy(() => {
          const rows = tf.tensor2d(context.rng.normals(added * WIDTH, 0, 0.1), [added, WIDTH])
          return tf.concat([weight, rows], 0)
        }),
      )
      const stepsPerEpoch = Math.ceil(task.train.length / 4)
      context.report({ kind: 'phase', phase: 'train', epochs, stepsPerEpoch, trainableParameters: weight.size })
      for (let epoch = 0; epoch < epochs; epoch++) {
        let step = 0
        for await (const batch of task.train.batches({ size: 4, view: 'train', shuffle: context.rng, epoch })) {
          context.signal.throwIfAborted()
          const loss = tf.tidy(() => {
            const probabilities = tf.softmax(logits(batch.images, weight))
            const wrong = tf.sub(probabilities, tf.oneHot(batch.labels, task.classesAfter)) as Tensor2D
            const pixels = tf.reshape(batch.images, [-1, WIDTH]) as Tensor2D
            weight.assign(tf.sub(weight, tf.mul(tf.matMul(wrong, pixels, true), 0.05)))
            return tf.mean(tf.square(wrong)).dataSync()[0]!
          })
          batch.dispose()
          context.report({
            kind: 'step',
            phase: 'train',
            epoch,
            epochs,
            step: step++,
            stepsPerEpoch,
            loss,
            learningRate: 0.05,
          })
          await pause()
        }
      }
    },
    extractor: { width: WIDTH, apply: (images) => tf.reshape(images, [-1, WIDTH]) as Tensor2D },
    readings: { head: (pixels) => tf.matMul(pixels, weight as unknown as Tensor2D, false, true) },
    score: (images) => tf.tidy(() => logits(images, weight)),
    state: (): LearnerState => ({ tensors: { 'fc.weight': weight }, json: { note: 'tiny' } }),
    restore: ({ tensors }) => replace(tf.clone(tensors['fc.weight']!)),
    dispose: () => weight.dispose(),
  }
}
