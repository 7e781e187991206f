import {
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  findBackend,
  getKernel,
} from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { OnnxError } from '../../runtime/errors'
import type { KernelHost } from './kernel-host'

/** The part of the tfjs CPU backend that is needed here. */
interface CpuBackend extends KernelBackend {
  disposeData(dataId: object, force?: boolean): boolean
  /** Prints advice to install tfjs-node. */
  firstUse: boolean
}

/** Says which kernel it was where inputs cannot be read at once, as in a page. */
function readable(kernelName: string, read: () => TensorInfo): TensorInfo {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof OnnxError) || cause.code !== 'synchronous-read') throw cause
    throw new OnnxError(
      'synchronous-read',
      `kernel ${kernelName} runs on tfjs' CPU backend, which would have to read its inputs at once, and a page cannot wait; ` +
        `read them by await data() and compute with what that gives`,
      { cause },
    )
  }
}

/**
 * Computes a kernel with tfjs' CPU backend on copies of the inputs, which runs the pending graph first.
 * `counted`: whether it shows in `stats().fallbacks`.
 */
export function runOnCpu(
  kernelName: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap | undefined,
  backend: KernelHost,
  counted: boolean,
): TensorInfo | TensorInfo[] {
  const cpu = findBackend('cpu') as CpuBackend
  cpu.firstUse = false
  const kernel = getKernel(kernelName, 'cpu')
  if (kernel === undefined || kernel === null) {
    throw new OnnxError('unsupported-kernel', `kernel ${kernelName} is mapped neither here nor by tfjs' CPU backend`)
  }
  if (counted) backend.countFallback(kernelName)
  const copies: object[] = []
  const toCpu = (info: TensorInfo): TensorInfo => {
    const copy = readable(kernelName, () => backend.copyTo(cpu, info))
    copies.push(copy.dataId)
    // Some of tfjs' kernels ask a tensor for its rank, which a TensorInfo does not have.
    return Object.assign(copy, { rank: copy.shape.length })
  }
  const onCpu = (Array.isArray(inputs) ? [] : {}) as NamedTensorInfoMap
  for (const name in inputs) {
    const info = inputs[name] as TensorInfo | TensorInfo[] | null | undefined
    const copied = info === null || info === undefined ? info : Array.isArray(info) ? info.map(toCpu) : toCpu(info)
    onCpu[name] = copied as TensorInfo
  }
  try {
    const results = kernel.kernelFunc({ inputs: onCpu, attrs, backend: cpu })
    const fromCpu = (info: TensorInfo): TensorInfo => {
      const copy = backend.copyFrom(cpu, info)
      cpu.disposeData(info.dataId)
      return copy
    }
    return Array.isArray(results) ? results.map(fromCpu) : fromCpu(results)
  } finally {
    for (const dataId of copies) cpu.disposeData(dataId, true)
  }
}
