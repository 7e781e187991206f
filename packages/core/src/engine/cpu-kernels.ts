import * as tf from '@tensorflow/tfjs-core'
import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'

/** As much of a backend as moving a tensor takes. Every TensorFlow.js backend has it. */
interface Storage {
  readSync(dataId: object): tf.BackendValues
  write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object
  disposeData(dataId: object, force?: boolean): boolean
}

/** Carries a tensor's values from one backend to another, as that backend's own data. */
function carry(info: TensorInfo, from: Storage, to: Storage): TensorInfo {
  const { shape, dtype } = info
  return { dataId: to.write(from.readSync(info.dataId), shape, dtype) as TensorInfo['dataId'], shape, dtype }
}

/** The same for a kernel's inputs: by name, or a list where the kernel takes any number of them (Concat, Pack). */
function carryAll(inputs: NamedTensorInfoMap, from: Storage, to: Storage): NamedTensorInfoMap {
  const move = (info: TensorInfo | undefined) => info && carry(info, from, to)
  if (Array.isArray(inputs)) return inputs.map(move) as unknown as NamedTensorInfoMap
  return Object.fromEntries(Object.entries(inputs).map(([name, info]) => [name, move(info)]))
}

/** Whether a backend can stand in for another's kernels: TensorFlow.js' CPU backend is loaded. */
const cpuStorage = (): Storage | null => tf.findBackend('cpu') as unknown as Storage | null

/** A kernel that reads its inputs, computes with TensorFlow.js' CPU kernel, and hands the result back. */
function onCpu({ kernelName, kernelFunc }: KernelConfig, backendName: string, cpu: Storage): KernelConfig {
  return {
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const home = backend as Storage
      const carried = carryAll(inputs, home, cpu)
      const result = kernelFunc({ inputs: carried, backend: cpu, attrs })
      const results = Array.isArray(result) ? result : [result]
      const returned = results.map((info) => carry(info, cpu, home))
      // A result may share its data with an input (Reshape): each is dropped once.
      const spent = [...Object.values(carried), ...results].flatMap((info) => (info ? [info.dataId] : []))
      for (const dataId of new Set(spent)) cpu.disposeData(dataId, true)
      return Array.isArray(result) ? returned : returned[0]!
    },
  }
}

/**
 * Registers, for a backend whose tensors can be read at once, every kernel that TensorFlow.js' CPU backend has and it lacks.
 * Slow, but such a kernel is rare in what these backends are used for; without this it would end the program.
 * @returns the names of the kernels that were missing; none where the CPU backend is not installed
 */
export function bridgeMissingKernels(backendName: string): readonly string[] {
  const cpu = cpuStorage()
  if (!cpu) return []
  const missing = tf.getKernelsForBackend('cpu').filter(({ kernelName }) => !tf.getKernel(kernelName, backendName))
  for (const kernel of missing) tf.registerKernel(onCpu(kernel, backendName, cpu))
  return missing.map(({ kernelName }) => kernelName)
}

/**
 * Puts TensorFlow.js' CPU kernel in the place of a backend's own that computes wrong numbers. Where the CPU backend is not
 * installed the wrong kernel goes all the same: an operation that is missing says so, one that is wrong does not.
 */
export function replaceByCpuKernel(kernelName: string, backendName: string): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName)
  const [cpu, kernel] = [cpuStorage(), tf.getKernel(kernelName, 'cpu')]
  if (cpu && kernel) tf.registerKernel(onCpu(kernel, backendName, cpu))
}
