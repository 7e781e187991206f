import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import type { Lowering } from '../../lowering/lowering'
import { runOnCpu } from './fallback'
import type { KernelHost } from './kernel-host'

/**
 * What a kernel does with the values of its inputs (by tfjs' input name, or by index where tfjs passes a list): it records
 * operations, by `g`, or by `lower` where they have several forms. Null means that this case is not mapped; the tfjs CPU kernel
 * takes it.
 */
export type KernelBody<I, A> = (inputs: I, attributes: A, g: Recorder, lower: Lowering) => Value | Value[] | null

type AnyBody = KernelBody<Record<string, Value>, NamedAttrMap>

const isEmpty = (info: TensorInfo) => info.shape.includes(0)

function recording(kernelName: string, body: AnyBody): KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend }) => {
    const host = backend as KernelHost
    host.beforeKernel()
    host.recorder.enter(kernelName)
    const values: Record<string, Value> = {}
    for (const name in inputs) {
      const info = inputs[name] as TensorInfo | null | undefined
      if (info === null || info === undefined) continue
      // Nothing to compute, and no operation of ONNX Runtime that would be worth its exceptions.
      if (isEmpty(info)) return runOnCpu(kernelName, inputs, attrs, host, false)
      if (info.dtype === 'string' || info.dtype === 'complex64') {
        return runOnCpu(kernelName, inputs, attrs, host, true)
      }
      values[name] = host.value(info)
    }
    const result = body(values, attrs ?? {}, host.recorder, host.lowering)
    if (result === null) return runOnCpu(kernelName, inputs, attrs, host, true)
    return Array.isArray(result) ? result.map((v) => host.tensor(v)) : host.tensor(result)
  }
}

/** Kernels that belong together, for any backend of this package. */
export class KernelSet {
  private readonly kernels = new Map<string, KernelConfig['kernelFunc']>()

  /** Adds a kernel that records operations on the values of its inputs. */
  define<I, A = unknown>(kernelName: string, body: KernelBody<I, A>): void {
    this.kernels.set(kernelName, recording(kernelName, body as unknown as AnyBody))
  }

  /** Adds a kernel that works on data ids, for tensors that are aliases of others. */
  defineAlias<A>(
    kernelName: string,
    body: (inputs: NamedTensorInfoMap, attributes: A, host: KernelHost) => TensorInfo,
  ): void {
    this.kernels.set(kernelName, ({ inputs, attrs, backend }) => {
      const host = backend as KernelHost
      host.recorder.enter(kernelName)
      return body(inputs, attrs as unknown as A, host)
    })
  }

  /** The kernels under the name of a backend, as tfjs registers them. */
  configs(backendName: string): KernelConfig[] {
    return [...this.kernels].map(([kernelName, kernelFunc]) => ({ kernelName, backendName, kernelFunc }))
  }
}
