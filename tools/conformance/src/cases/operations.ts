import {
  attention,
  balancedCrossEntropy,
  balancedDistillation,
  cosineSimilarity,
  crossEntropy,
  distillation,
  gelu,
  l2Normalize,
  layerNorm,
  linear,
  normalizeLogits,
  oneHot,
  softTargetCrossEntropy,
} from '@pilotjs/core/ops'
import { softmax, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'
import { differentiated } from './differentiated'

const labels = (): Tensor1D => tensor1d([4, 0, 2, 2, 1], 'int32')
const logits = (seed: number): Tensor2D => sample<Tensor2D>([5, 6], seed, 3)

const products = [
  differentiated(
    'linear of rows',
    () => ({ x: sample([5, 7], 1), weight: sample([4, 7], 2), bias: sample([4], 3) }),
    ({ x, weight, bias }) => linear(x!, weight!, bias!),
  ),
  differentiated(
    'linear of sequences',
    () => ({ x: sample([2, 5, 8], 4), weight: sample([12, 8], 5), bias: sample([12], 6) }),
    ({ x, weight, bias }) => linear(x!, weight!, bias!),
  ),
  differentiated(
    'linear without a bias',
    () => ({ x: sample([3, 9], 7), weight: sample([2, 9], 8) }),
    ({ x, weight }) => linear(x!, weight!),
  ),
  differentiated(
    'linear of one row',
    () => ({ x: sample([1, 33], 9), weight: sample([17, 33], 10), bias: sample([17], 11) }),
    ({ x, weight, bias }) => linear(x!, weight!, bias!),
  ),
  differentiated(
    'attention',
    () => ({ q: sample([2, 3, 5, 4], 1), k: sample([2, 3, 7, 4], 2), v: sample([2, 3, 7, 4], 3) }),
    ({ q, k, v }) => attention(q as Tensor4D, k as Tensor4D, v as Tensor4D, 0.5),
  ),
]

const norms = [
  differentiated(
    'layer norm',
    () => ({ x: sample([2, 3, 8], 1, 4), gamma: sample([8], 2), beta: sample([8], 3) }),
    ({ x, gamma, beta }) => layerNorm(x!, gamma!, beta!, 1e-6),
  ),
  differentiated(
    'unit length',
    () => ({ x: sample([4, 5], 1) }),
    ({ x }) => l2Normalize(x!),
  ),
  differentiated(
    'unit length of columns',
    () => ({ x: sample([4, 5], 2) }),
    ({ x }) => l2Normalize(x!, 0),
  ),
  differentiated(
    'cosine similarity',
    () => ({ features: sample([4, 6], 1), weight: sample([3, 6], 2) }),
    ({ features, weight }) => cosineSimilarity(features as Tensor2D, weight as Tensor2D),
  ),
  differentiated(
    'normalised logits',
    () => ({ x: logits(1) }),
    ({ x }) => normalizeLogits(x as Tensor2D, [2, 4], 0.3),
  ),
  differentiated(
    'gelu',
    () => ({ x: sample([6, 7], 1, 2) }),
    ({ x }) => gelu(x!),
  ),
]

const losses = [
  differentiated(
    'cross-entropy',
    () => ({ x: logits(1) }),
    ({ x }) => crossEntropy(x as Tensor2D, labels()),
  ),
  differentiated(
    'smoothed cross-entropy',
    () => ({ x: logits(2) }),
    ({ x }) => crossEntropy(x as Tensor2D, labels(), { labelSmoothing: 0.1 }),
  ),
  differentiated(
    'cross-entropy of soft targets',
    () => ({ x: logits(3), y: tidy(() => softmax(logits(4))) }),
    ({ x, y }) => softTargetCrossEntropy(x as Tensor2D, y as Tensor2D),
  ),
  differentiated(
    'distillation',
    () => ({ x: logits(5) }),
    ({ x }) => distillation(x as Tensor2D, logits(6), 2),
  ),
  differentiated(
    'balanced cross-entropy',
    () => ({ x: logits(7) }),
    ({ x }) => balancedCrossEntropy(x as Tensor2D, labels(), tensor1d([1, 2, 0.5, 1, 3, 1])),
  ),
  differentiated(
    'balanced distillation',
    () => ({ x: logits(8) }),
    ({ x }) => balancedDistillation(x as Tensor2D, logits(9), tensor1d([1, 2, 0.5, 1, 3, 1]), 2),
  ),
]

const values = (name: string, run: () => Record<string, Tensor>): ConformanceCase => ({ name, run: () => tidy(run) })

const encodings = [
  values('one-hot rows', () => ({
    plain: oneHot(labels(), 6),
    smoothed: oneHot(labels(), 6, 0.9, 0.02),
    outside: oneHot(tensor1d([1, 7, -1], 'int32'), 3),
    alone: oneHot(tensor1d([0, 1], 'int32'), 1),
    ofFloats: oneHot(tensor1d([2, 0]), 3, 2, -1),
  })),
]

/** Core's operations and their gradients. */
export const operations: readonly ConformanceCase[] = [...products, ...norms, ...losses, ...encodings]
