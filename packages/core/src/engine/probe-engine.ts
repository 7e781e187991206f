import * as tf from '@tensorflow/tfjs-core'
import { EngineError } from './engine-error'

/**
 * Lets the engine that is set compute a small classifier's probabilities, whose values are known, and reads them asynchronously.
 * @throws EngineError where they are wrong; whatever the engine throws where it cannot compute
 */
export async function probeEngine(engine: string): Promise<void> {
  const computed = tf.tidy(() => {
    const images = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
    const weight = tf.tensor2d([1, 0, 2, -1, 1, 0], [2, 3])
    const logits = tf.fused.matMul({ a: images, b: weight, transposeB: true, bias: tf.tensor1d([-6, 1]) })
    // Products 7, 1 and 16, 1; logits 1, 2 and 10, 2.
    return tf.concat([tf.softmax(logits), tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2, 3, -1, 'float32') as tf.Tensor2D])
  })
  const values = Array.from(await computed.data())
  computed.dispose()
  const [lower, upper] = [1 / (1 + Math.E), 1 / (1 + Math.exp(-8))]
  const expected = [lower, 1 - lower, upper, 1 - upper, -1, 3, 3, -1]
  if (values.length !== expected.length || values.some((value, i) => !(Math.abs(value - expected[i]!) < 1e-3)))
    throw new EngineError(
      'engine-computes-wrong',
      `engine "${engine}" computes wrong numbers here: ${values.map((value) => value.toPrecision(3)).join(', ')} for ` +
        expected.map((value) => value.toPrecision(3)).join(', '),
      { engine },
    )
}
