import {
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  registerKernel,
} from '@tensorflow/tfjs-core'
import type { OnnxBackend } from '../backend'
import { enterKernel } from '../graph/trace'
import type { Value } from '../graph/value'
import { runOnCpu } from './fallback'

export const backendName = 'onnx'

/**
 * What a kernel does with the values of its inputs (by tfjs' input name, or by index where tfjs passes a list).
 * Null means that this case is not mapped; the tfjs CPU kernel takes it.
 */
export type KernelBody<I, A> = (inputs: I, attributes: A, backend: OnnxBackend) => Value | Value[] | null

type AnyBody = KernelBody<Record<string, Value>, NamedAttrMap>

const isEmpty = (info: TensorInfo) => info.shape.includes(0)

function recording(kernelName: string, body: AnyBody): KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend: erased }) => {
    const backend = erased as OnnxBackend
    backend.beforeKernel()
    enterKernel(kernelName)
    const values: Record<string, Value> = {}
    for (const name in inputs) {
      const info = inputs[name] as TensorInfo | null | undefined
      if (info === null || info === undefined) continue
      // Nothing to compute, and no operation of ONNX Runtime that would be worth its exceptions.
      if (isEmpty(info)) return runOnCpu(kernelName, inputs, attrs, backend, false)
      if (info.dtype === 'string' || info.dtype === 'complex64') {
        return runOnCpu(kernelName, inputs, attrs, backend, true)
      }
      values[name] = backend.value(info)
    }
    const result = body(values, attrs ?? {}, backend)
    if (result === null) return runOnCpu(kernelName, inputs, attrs, backend, true)
    return Array.isArray(result) ? result.map((v) => backend.tensor(v)) : backend.tensor(result)
  }
}

/** Registers a kernel that records operations on the values of its inputs. */
export function defineKernel<I, A = unknown>(kernelName: string, body: KernelBody<I, A>): void {
  registerKernel({ kernelName, backendName, kernelFunc: recording(kernelName, body as unknown as AnyBody) })
}

/** Registers a kernel that works on data ids, for tensors that share their data. */
export function defineSharingKernel<A>(
  kernelName: string,
  body: (inputs: NamedTensorInfoMap, attributes: A, backend: OnnxBackend) => TensorInfo,
): void {
  registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      enterKernel(kernelName)
      return body(inputs, attrs as unknown as A, backend as OnnxBackend)
    },
  })
}
