import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { crossEntropy } from './cross-entropy'

/**
 * Cross-entropy of new classes against "any old one": makes the newest features learn what the older ones miss (the auxiliary
 * loss of DER, Yan, Xie and He, CVPR 2021, https://arxiv.org/abs/2103.16788, which MEMO has as well).
 * @param logits [batch, 1 + new classes]: column 0 stands for all old classes
 * @param labels [batch], int32
 * @param classesBefore labels below it are old
 */
export const noveltyLoss = (logits: Tensor2D, labels: Tensor1D, classesBefore: number): Scalar =>
  crossEntropy(logits, tf.maximum(tf.sub(labels, classesBefore - 1), 0) as Tensor1D)
