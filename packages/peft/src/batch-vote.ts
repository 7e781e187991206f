import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { torchTopK } from './torch-top-k'

/**
 * The prompts that most images of a batch picked, as PILOT (and the original L2P code) lets a batch vote; ties fall as they fall
 * in PILOT on a CPU. Nothing is read from the engine.
 * @param votes [size], how many images picked each prompt
 * @returns [count] int32 ids, most votes first
 */
export function mostVoted(votes: Tensor1D, count: number): Tensor1D {
  return tf.tidy(() => {
    const size = votes.shape[0]
    const places = tf.range(0, size, 1, 'float32')
    const [column, row] = [tf.reshape(places, [size, 1]), tf.reshape(places, [1, size])]
    const picked = tf.cast(tf.greater(votes, 0), 'float32')
    // torch.unique leaves out prompts that nobody picked: the others move up.
    const rank = tf.sub(
      tf.sum(tf.mul(tf.cast(tf.lessEqual(row, column), 'float32'), tf.reshape(picked, [1, size])), 1),
      1,
    )
    const placed = tf.mul(
      tf.cast(tf.equal(tf.reshape(rank, [1, size]), column), 'float32'),
      tf.reshape(picked, [1, size]),
    ) as Tensor2D
    const movedUp = (values: Tensor1D) => tf.sum(tf.mul(placed, tf.reshape(values, [1, size])), 1) as Tensor1D
    const filled = tf.sum(placed, 1)
    // PILOT pads with the lowest id and no votes.
    const ids = tf.add(movedUp(places), tf.mul(tf.sub(1, filled), tf.slice(movedUp(places), 0, 1))) as Tensor1D
    const chosen = torchTopK(movedUp(votes), count)
    return tf.cast(tf.gather(ids, chosen), 'int32')
  })
}
