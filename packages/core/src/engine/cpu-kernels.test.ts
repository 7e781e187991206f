import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bridgeMissingKernels } from './cpu-kernels'

/** A backend that stores tensors and knows two kernels. */
class BareBackend extends tf.KernelBackend {
  readonly stored = new Map<object, tf.BackendValues>()
  override write(values: tf.BackendValues, shape: number[]): object {
    const dataId = { shape }
    this.stored.set(dataId, values.slice() as tf.BackendValues)
    return dataId
  }
  override readSync(dataId: object): tf.BackendValues {
    const values = this.stored.get(dataId)
    if (!values) throw new Error('not stored')
    return values
  }
  override disposeData(dataId: object): boolean {
    return this.stored.delete(dataId)
  }
  override numDataIds() {
    return this.stored.size
  }
  override dispose() {
    this.stored.clear()
  }
  override refCount() {
    return 1
  }
  override floatPrecision(): 32 {
    return 32
  }
}

const backend = new BareBackend()
const ownKernel: tf.KernelFunc = ({ inputs }) => {
  const { x } = inputs as { x: tf.TensorInfo }
  const values = Float32Array.from(backend.readSync(x.dataId) as Float32Array, (value) => -value)
  return { dataId: backend.write(values, x.shape) as tf.DataId, shape: x.shape, dtype: x.dtype }
}
let added: readonly string[]

beforeAll(async () => {
  tf.registerBackend('bare', () => backend)
  tf.registerKernel({ kernelName: 'Neg', backendName: 'bare', kernelFunc: ownKernel })
  await tf.setBackend('bare')
  added = bridgeMissingKernels('bare')
})
afterAll(() => tf.removeBackend('bare'))

describe('bridgeMissingKernels', () => {
  it('adds what is missing and leaves what is there', () => {
    expect(added).toContain('DenseBincount')
    expect(added).not.toContain('Neg')
    expect(Array.from(tf.neg([1, -2]).dataSync())).toEqual([-1, 2])
  })

  it('computes with named inputs, lists of inputs and several outputs', () => {
    const counts = tf.tidy(() => tf.bincount(tf.tensor1d([0, 2, 2, 1], 'int32'), [], 3))
    expect(Array.from(counts.dataSync())).toEqual([1, 1, 2])
    expect(Array.from(tf.concat([tf.tensor1d([1]), tf.tensor1d([2, 3])]).dataSync())).toEqual([1, 2, 3])
    const { values, indices } = tf.topk(tf.tensor1d([1, 9, 4]), 2)
    expect(Array.from(values.dataSync())).toEqual([9, 4])
    expect(Array.from(indices.dataSync())).toEqual([1, 2])
  })

  it('leaves nothing behind on either side', () => {
    const cpu = tf.findBackend('cpu')
    const work = () =>
      tf.tidy(() => tf.sum(tf.reshape(tf.concat([tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]])]), [4])).dataSync()[0])
    work()
    const before = [backend.numDataIds(), cpu.numDataIds()]
    expect(work()).toBe(10)
    expect([backend.numDataIds(), cpu.numDataIds()]).toEqual(before)
  })
})
