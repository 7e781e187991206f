import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { gradientsOf } from '../training/gradients'
import { expectGradients, numbers, sample } from '../testing/finite-differences'
import { crossEntropy, distillation, softTargetCrossEntropy, softTargetGradient } from './cross-entropy'

describe('crossEntropy', () => {
  const logits = tf.tensor2d([Math.log(1), Math.log(3), Math.log(2), Math.log(2)], [2, 2])
  const labels = tf.tensor1d([1, 0], 'int32')

  it('is the mean negative log probability of the labels', () => {
    expect(numbers(crossEntropy(logits, labels))[0]).toBeCloseTo((-Math.log(3 / 4) - Math.log(1 / 2)) / 2, 6)
  })

  it('spreads a smoothed label over all classes', () => {
    // 0.2 over two classes: 0.9 on the label, 0.1 on the other.
    const first = 0.9 * Math.log(3 / 4) + 0.1 * Math.log(1 / 4)
    const value = numbers(crossEntropy(logits, labels, { labelSmoothing: 0.2 }))[0]
    expect(value).toBeCloseTo((-first - Math.log(1 / 2)) / 2, 6)
  })

  it('knows a single class', () => {
    expect(numbers(crossEntropy(tf.tensor2d([7, 8], [2, 1]), tf.tensor1d([0, 0], 'int32')))[0]).toBeCloseTo(0, 6)
  })

  it('stays finite for huge logits', () => {
    expect(numbers(crossEntropy(tf.tensor2d([1e4, -1e4], [1, 2]), tf.tensor1d([1], 'int32')))[0]).toBeCloseTo(2e4, 0)
  })

  it('has the gradient softmax − target', () => {
    expectGradients(({ x }) => crossEntropy(x as Tensor2D, labels), { x: sample([2, 3]) })
  })
})

describe('softTargetGradient', () => {
  it('is the gradient of softTargetCrossEntropy by its logits', () => {
    const logits = tf.variable(sample([3, 4]) as Tensor2D)
    const [expected, found] = tf.tidy(() => {
      const targets = tf.softmax(sample([3, 4], 2) as Tensor2D)
      const { gradients } = gradientsOf(() => softTargetCrossEntropy(logits, targets), { logits })
      return [numbers(gradients.logits!), numbers(softTargetGradient(logits, targets))]
    })
    found!.forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 6))
    logits.dispose()
  })
})

describe('softTargetCrossEntropy', () => {
  it('has gradients by logits and by targets that need not sum to 1', () => {
    const inputs = { x: sample([3, 4]), t: tf.softmax(sample([3, 4], 2) as Tensor2D) }
    expectGradients(({ x, t }) => softTargetCrossEntropy(x as Tensor2D, t as Tensor2D), inputs)
  })

  it('names the shapes that do not fit', () => {
    expect(() => softTargetCrossEntropy(tf.zeros([2, 3]), tf.zeros([2, 4]))).toThrow(
      /logits \[2, 3\], targets \[2, 4\]/,
    )
  })
})

describe('distillation', () => {
  it('is least where the student says what the teacher says, and does not pull the teacher', () => {
    const teacher = tf.variable(sample([2, 3]) as Tensor2D)
    const same = numbers(distillation(teacher, teacher, 2))[0]!
    const other = numbers(distillation(sample([2, 3], 5) as Tensor2D, teacher, 2))[0]!
    expect(other).toBeGreaterThan(same)
    const student = tf.variable(tf.mul(teacher, 1) as Tensor2D)
    const slopes = tf.tidy(() =>
      Array.from(gradientsOf(() => distillation(student, teacher, 2), { student }).gradients.student!.dataSync()),
    )
    for (const slope of slopes) expect(Math.abs(slope)).toBeLessThan(1e-6)
    tf.dispose([teacher, student])
  })
})
