import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'
import { differentiated } from './differentiated'

const values = (name: string, run: () => Record<string, Tensor>): ConformanceCase => ({ name, run: () => tf.tidy(run) })

/** TensorFlow.js' own operations, as far as backbones, methods and statistics build on them. */
export const tensorOperations: readonly ConformanceCase[] = [
  differentiated(
    'convolution by stride 2',
    () => ({ x: sample([2, 9, 9, 3], 1), filter: sample([3, 3, 3, 5], 2) }),
    ({ x, filter }) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 2, 1),
  ),
  differentiated(
    'convolution of patches',
    () => ({ x: sample([2, 8, 8, 3], 3), filter: sample([4, 4, 3, 6], 4) }),
    ({ x, filter }) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 4, 'valid'),
  ),
  differentiated(
    'convolution 1 × 1',
    () => ({ x: sample([2, 4, 4, 6], 5), filter: sample([1, 1, 6, 3], 6) }),
    ({ x, filter }) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same'),
  ),
  differentiated(
    'largest of a window',
    () => ({ x: sample([2, 8, 8, 3], 7) }),
    ({ x }) => tf.maxPool(x as Tensor4D, 3, 2, 1),
  ),
  differentiated(
    'mean of a map',
    () => ({ x: sample([2, 5, 5, 3], 8) }),
    ({ x }) => tf.mean(x!, [1, 2]),
  ),
  differentiated(
    'relu',
    () => ({ x: sample([4, 9], 9) }),
    ({ x }) => tf.relu(x!),
  ),
  differentiated(
    'products of batches',
    () => ({ a: sample([3, 4, 5], 10), b: sample([3, 6, 5], 11) }),
    ({ a, b }) => tf.matMul(a!, b!, false, true),
  ),
  differentiated(
    'products of transposed',
    () => ({ a: sample([5, 4], 12), b: sample([5, 6], 13) }),
    ({ a, b }) => tf.matMul(a!, b!, true, false),
  ),
  differentiated(
    'products over an odd axis of what is nowhere zero',
    () => ({ a: sample([4, 3], 26), b: sample([3, 5], 27) }),
    ({ a, b }) => tf.matMul(tf.exp(a!), tf.exp(b!)),
  ),
  differentiated(
    'pieces put together',
    () => ({ a: sample([2, 3, 4], 14), b: sample([2, 5, 4], 15) }),
    ({ a, b }) => tf.concat([tf.slice(a!, [0, 1, 0], [-1, 2, -1]), tf.tile(tf.mean(b!, 1, true), [1, 2, 1]), b!], 1),
  ),
  differentiated(
    'rows by their numbers',
    () => ({ rows: sample([6, 3], 16) }),
    ({ rows }) => tf.gather(rows!, tf.tensor2d([5, 0, 0, 3], [2, 2], 'int32')),
  ),
  differentiated(
    'axes in another order',
    () => ({ x: sample([2, 3, 4, 5], 17) }),
    ({ x }) => tf.transpose(x as Tensor4D, [0, 2, 1, 3]),
  ),
  differentiated(
    'arithmetic by rows and columns',
    () => ({ a: sample([4, 1], 18), b: sample([1, 5], 19), c: sample([4, 5], 20) }),
    ({ a, b, c }) => tf.div(tf.mul(tf.sub(a!, b!), c!), tf.add(tf.square(b!), 1)),
  ),
  differentiated(
    'roots and exponentials',
    () => ({ x: sample([3, 4], 21) }),
    ({ x }) => tf.add(tf.sqrt(tf.add(tf.square(x!), 0.1)), tf.mul(tf.exp(tf.neg(x!)), tf.rsqrt(tf.add(tf.abs(x!), 1)))),
  ),
  differentiated(
    'log-softmax',
    () => ({ x: sample([3, 7], 22, 4) }),
    ({ x }) => tf.logSoftmax(x!),
  ),
  differentiated(
    'padding',
    () => ({ x: sample([2, 3, 3, 1], 23) }),
    ({ x }) =>
      tf.pad(x as Tensor4D, [
        [0, 0],
        [1, 1],
        [2, 0],
        [0, 1],
      ]),
  ),
  values('the largest, and where', () => {
    const x = sample<Tensor2D>([4, 9], 24)
    const { values, indices } = tf.topk(x, 3)
    return { values, indices, first: tf.argMax(x, 1), least: tf.argMin(x, 1), most: tf.max(x, 1) }
  }),
  values('comparisons', () => {
    const [a, b] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([4, 2, 1, 5])]
    return {
      greater: tf.cast(tf.greater(a, b), 'float32'),
      equal: tf.cast(tf.equal(a, b), 'float32'),
      where: tf.where(tf.lessEqual(a, b), a, tf.neg(b)),
      clipped: tf.clipByValue(a, 1.5, 3.5),
    }
  }),
  values('kinds of numbers', () => {
    const integers = tf.tensor2d([1, -2, 3, 4, 5, -6], [2, 3], 'int32')
    return {
      floats: tf.mul(tf.cast(integers, 'float32'), 0.5),
      sums: tf.sum(integers, 1),
      whole: tf.cast(tf.tensor1d([1.7, -1.7, 2]), 'int32'),
      products: tf.mul(integers, tf.scalar(3, 'int32')),
      outer: tf.outerProduct(tf.tensor1d([1, 2]), tf.tensor1d([3, 4, 5])),
    }
  }),
  values('stacks', () => {
    const x = sample<Tensor3D>([3, 2, 4], 25)
    const [first, second] = tf.unstack(x) as [Tensor2D, Tensor2D]
    return {
      first,
      stacked: tf.stack([second, first], 1),
      reversed: tf.reverse(x, 1),
      split: tf.split(x, [1, 3], 2)[1]!,
      flat: tf.reshape(x, [6, 4]),
      cumulative: tf.cumsum(first, 1),
    }
  }),
]
