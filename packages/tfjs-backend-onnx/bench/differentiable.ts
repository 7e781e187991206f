import * as tf from '@tensorflow/tfjs'

type Inputs = Record<string, tf.Tensor>

/** An operation with a gradient of its own, where only the gradients that somebody asks for are computed. */
export function differentiable(
  inputs: Inputs,
  forward: (save: (tensors: tf.Tensor[]) => void) => tf.Tensor,
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>,
): tf.Tensor {
  const engine = tf.engine() as unknown as {
    runKernelFunc(kernel: {
      inputs: Inputs
      forwardFunc(backend: unknown, save: (tensors: tf.Tensor[]) => void): tf.Tensor
      backwardsFunc: typeof backward
    }): tf.Tensor
  }
  return engine.runKernelFunc({ inputs, forwardFunc: (_, save) => forward(save), backwardsFunc: backward })
}
