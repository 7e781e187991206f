// TensorFlow.js' core comes without gradients; see "imports" in package.json for where a platform finds them.
import '#gradients'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { mendEngine } from '../engine/mend-engine'

type Inputs = Record<string, Tensor>

interface CustomKernel<I extends Inputs, T extends Tensor> {
  inputs: I
  /** Computes the value; what it saves is handed to `backward`. Runs off the tape. */
  forward(save: (tensors: Tensor[]) => void): T
  /** A function per input, called only where a gradient is asked for. */
  backward(dy: T, saved: Tensor[]): { [K in keyof I]: () => Tensor }
}

/**
 * The part of TensorFlow.js' engine that `tf.customGrad` is made of. `customGrad` wants the gradient of every input at
 * once, also of frozen weights; one level below, each input's gradient is a function that autodiff calls when it needs it.
 */
interface KernelRunner {
  runKernelFunc(kernel: {
    inputs: Inputs
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor
    backwardsFunc(dy: Tensor, saved: Tensor[]): Record<string, () => Tensor>
  }): Tensor
}

/** An operation with a gradient of its own, where what nobody differentiates by costs nothing. */
export function differentiable<I extends Inputs, T extends Tensor>(kernel: CustomKernel<I, T>): T {
  mendEngine()
  const runner = tf.engine() as unknown as KernelRunner
  return runner.runKernelFunc({
    inputs: kernel.inputs,
    forwardFunc: (_, save) => kernel.forward(save),
    backwardsFunc: (dy, saved) => kernel.backward(dy as T, saved),
  }) as T
}

/** Whether the running engine has a kernel of this name. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined
}

/** Runs an engine's kernel off the tape: for use inside `differentiable` only. */
export function runKernel(name: string, inputs: Inputs, attributes: Record<string, number> = {}): Tensor[] {
  const outputs: Tensor | Tensor[] = tf.engine().runKernel(name, inputs, attributes)
  return Array.isArray(outputs) ? outputs : [outputs]
}
