import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { freeze, inInt8, narrow, onnxBackend, quantize } from '../index'

beforeAll(() => tf.setBackend('onnx'))

/** Numbers in −1 … 1 that follow from a seed. */
function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => Math.sin(i * 12.9898 + seed * 78.233) * Math.cos(i * 0.37 + seed),
  )
}

const productOf = (x: tf.Tensor2D, w: tf.Tensor2D, bias?: tf.Tensor1D) =>
  bias ? tf.fused.matMul({ a: x, b: w, transposeB: true, bias }) : tf.matMul(x, w, false, true)

/** What rows and a matrix make when each is rounded to its own levels, as the engine is to compute it. */
function rounded(x: Float32Array, w: Float32Array, [rows, inputs, outputs]: [number, number, number]): Float64Array {
  const levelsOf = (all: Float32Array, at: number, levels: number) => {
    const row = all.subarray(at * inputs, (at + 1) * inputs)
    const scale = Math.max(...row.map(Math.abs), 1e-30) / levels
    return { scale, whole: Array.from(row, (v) => Math.round(v / scale)) }
  }
  const [left, right] = [
    Array.from({ length: rows }, (_, i) => levelsOf(x, i, 127)),
    Array.from({ length: outputs }, (_, i) => levelsOf(w, i, 63)),
  ]
  return Float64Array.from({ length: rows * outputs }, (_, i) => {
    const [a, b] = [left[Math.floor(i / outputs)]!, right[i % outputs]!]
    return a.scale * b.scale * a.whole.reduce((sum, v, k) => sum + v * b.whole[k]!, 0)
  })
}

describe('products in eight bits', () => {
  it('are those of rounded rows and a rounded matrix, whatever the shapes', async () => {
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 70 }),
      fc.integer({ min: 1, max: 40 }),
    )
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 0, max: 1000 }), async (shape, seed) => {
        const [rows, inputs, outputs] = shape
        const [xs, ws] = [numbers(rows * inputs, seed), numbers(outputs * inputs, seed + 1)]
        const [x, w] = [tf.tensor2d(xs, [rows, inputs]), tf.tensor2d(ws, [outputs, inputs])]
        quantize(w)
        const y = inInt8(() => productOf(x, w))
        const expected = rounded(xs, ws, shape)
        // A half that is rounded the other way moves a result by one level of one number.
        const room = (1.1 * Math.max(...xs.map(Math.abs)) * Math.max(...ws.map(Math.abs))) / 63
        ;(await y.data()).forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(room))
        tf.dispose([x, w, y])
      }),
      { numRuns: 20 },
    )
  })

  it('stay near those of floats, with a bias too, and a row of zeros gives the bias', async () => {
    const [x, w] = [tf.tensor2d(numbers(64 * 96, 1), [64, 96]), tf.tensor2d(numbers(48 * 96, 2), [48, 96])]
    const [zeros, bias] = [tf.zeros<tf.Rank.R2>([2, 96]), tf.tensor1d(numbers(48, 3))]
    quantize(w)
    const floats = (await productOf(x, w, bias).data()) as Float32Array
    const bytes = (await inInt8(() => productOf(x, w, bias)).data()) as Float32Array
    const spread = Math.sqrt(floats.reduce((sum, v) => sum + v * v, 0) / floats.length)
    const off = Math.sqrt(bytes.reduce((sum, v, i) => sum + (v - floats[i]!) ** 2, 0) / floats.length)
    expect(off / spread).toBeLessThan(0.02)
    expect(off).toBeGreaterThan(0)
    const ofNothing = await inInt8(() => productOf(zeros, w, bias)).data()
    expect(Array.from(ofNothing)).toEqual([...bias.dataSync(), ...bias.dataSync()])
    expect(Array.from(await productOf(x, w, bias).data())).toEqual(Array.from(floats))
  })

  it('of a row depend on no other row', async () => {
    const w = tf.tensor2d(numbers(32 * 64, 5), [32, 64])
    quantize(w)
    const rows = numbers(6 * 64, 6)
    const alone = tf.tensor2d(rows.slice(0, 64), [1, 64])
    rows.subarray(64).forEach((v, i) => (rows[64 + i] = 1000 * v))
    const among = tf.tensor2d(rows, [6, 64])
    const [one, all] = [alone, among].map((x) => inInt8(() => productOf(x, w)).dataSync())
    expect(Array.from(all!.subarray(0, 32))).toEqual(Array.from(one!))
  })

  it('let go of the copy with the matrix, and give its gradient in floats', () => {
    const { buffers } = onnxBackend().stats()
    const before = tf.memory().numTensors
    const w = tf.tensor2d(numbers(40 * 30, 7), [40, 30])
    const x = tf.tensor2d(numbers(4 * 30, 8), [4, 30])
    quantize(w)
    const gradient = tf.grad((v: tf.Tensor) => inInt8(() => tf.sum(tf.matMul(v as tf.Tensor2D, w, false, true))))(x)
    const exact = tf.tidy(() => tf.matMul(tf.ones([4, 40]), w).dataSync())
    gradient.dataSync().forEach((v, i) => expect(v).toBeCloseTo(exact[i]!, 4))
    tf.dispose([w, x, gradient])
    expect(tf.memory().numTensors).toBe(before)
    tf.tensor1d([1, 2]).square().dataSync()
    expect(onnxBackend().stats().buffers).toBeLessThanOrEqual(buffers + 4)
  })

  it('are refused for what is no matrix of floats', () => {
    expect(() => quantize(tf.zeros([2, 2, 2]))).toThrow(/only matrices of floats/)
    expect(() => quantize(tf.zeros([2, 2], 'int32'))).toThrow(/this is int32 \[2,2\] on cpu/)
  })
})

describe('tensors kept as halves', () => {
  it('are read as floats, each the nearest half', async () => {
    const values = Float32Array.of(1, 1 / 3, -2.5, 65504, 1e-7, 0.1)
    const kept = tf.tensor1d(values)
    const copy = tf.reshape(kept, [2, 3])
    narrow(kept)
    const halves = await kept.data()
    expect(halves).toBeInstanceOf(Float32Array)
    expect(Array.from(halves)).toEqual([1, 0.333251953125, -2.5, 65504, 1.1920928955078125e-7, 0.0999755859375])
    expect(Array.from(copy.dataSync())).toEqual(Array.from(halves))
    expect(Array.from(tf.add(kept, 1).dataSync())).toEqual(Array.from(halves, (v) => Math.fround(v + 1)))
  })

  it('compute what floats of the same values compute', async () => {
    const w = tf.tensor2d(numbers(48 * 64, 9), [48, 64])
    const x = tf.tensor2d(numbers(8 * 64, 10), [8, 64])
    narrow(w)
    const same = tf.tensor2d(await w.data(), [48, 64])
    freeze(same)
    expect(Array.from(await productOf(x, w).data())).toEqual(Array.from(await productOf(x, same).data()))
    const train = (m: tf.Tensor2D) =>
      tf
        .grad((v: tf.Tensor) => tf.sum(tf.square(productOf(v as tf.Tensor2D, m))))(x)
        .dataSync()
    expect(Array.from(train(w))).toEqual(Array.from(train(same)))
  })

  it('become a variable of floats, and leave nothing behind', () => {
    const before = tf.memory().numTensors
    const w = tf.tensor2d(numbers(16, 11), [4, 4])
    narrow(w)
    const variable = tf.variable(w)
    variable.assign(tf.tidy(() => tf.add(variable, 1e-5)))
    const changed = variable.dataSync()
    w.dataSync().forEach((v, i) => expect(changed[i]).toBe(Math.fround(v + Math.fround(1e-5))))
    tf.dispose([w, variable])
    expect(tf.memory().numTensors).toBe(before + 1)
    tf.disposeVariables()
  })

  it('are refused for what is not of floats', () => {
    expect(() => narrow(tf.zeros([2, 2], 'int32'))).toThrow(/only tensors of several floats/)
  })
})
