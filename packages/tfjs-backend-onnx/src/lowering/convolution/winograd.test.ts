import * as tf from '@tensorflow/tfjs'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Recorder } from '../../graph/recorder'
import { type OnnxBackend, createOnnxBackend, flush, freeze, onnxBackend } from '../../index'
import { compute, expectClose, wave } from '../../testing/compute'
import { convGeometry } from '../../tfjs/kernels/conv'
import { convolveByTaps, filterGradientByTaps, inputGradientByTaps } from './taps'
import { convolveByWinograd, filterGradientByWinograd, inputGradientByWinograd, isWinograd } from './winograd'

const g = new Recorder()
afterEach(() => g.clear())

type Pads = [number, number, number, number]

/** A convolution by a 3 × 3 filter; `pads`: top, bottom, left, right. */
const convolution = (batch: number, [height, width]: number[], [inputs, outputs]: number[], pads: Pads, strides = 1) =>
  convGeometry([batch, height!, width!, inputs!], [3, 3, inputs!, outputs!], {
    strides,
    pad: [
      [0, 0],
      [pads[0], pads[1]],
      [pads[2], pads[3]],
      [0, 0],
    ],
  })

const upTo = (max: number, min = 1) => fc.integer({ min, max })

describe('convolutions in fewer multiplications', () => {
  it('are those by taps, whatever the geometry', () => {
    fc.assert(
      fc.property(
        upTo(3),
        fc.tuple(upTo(9, 3), upTo(9, 3)),
        fc.tuple(upTo(5), upTo(5)),
        fc.tuple(upTo(2, 0), upTo(2, 0), upTo(2, 0), upTo(2, 0)),
        (batch, images, channels, pads) => {
          const c = convolution(batch, images, channels, pads)
          g.clear()
          const [x, dy, filter] = [wave(g, [...c.inShape]), wave(g, [...c.outShape], 1), wave(g, [...c.filterShape], 2)]
          const outputs = [
            convolveByWinograd(g, x, filter, c),
            inputGradientByWinograd(g, dy, filter, c),
            filterGradientByWinograd(g, x, dy, c),
            convolveByTaps(g, x, filter, c),
            inputGradientByTaps(g, dy, filter, c),
            filterGradientByTaps(g, x, dy, c),
          ]
          const results = compute(g.collect(outputs))
          // Sums of up to 243 products, of numbers below 1.
          const scaled = results.map((values) => values.map((v) => v / 10))
          expectClose(scaled.slice(0, 3), scaled.slice(3))
        },
      ),
      { numRuns: 80 },
    )
  })

  it('are made where there are many channels', () => {
    const is = (channels: number, size: number, stride = 1) =>
      isWinograd(convolution(64, [size, size], [channels, channels], [1, 1, 1, 1], stride))
    expect([is(512, 4), is(128, 16), is(64, 32), is(512, 8, 2)]).toEqual([true, true, false, false])
    // A filter is transformed whatever the batch.
    expect(isWinograd(convolution(1, [4, 4], [512, 512], [1, 1, 1, 1]))).toBe(false)
    // A tile of 2 × 2 pixels for one.
    expect(isWinograd(convolution(64, [1, 1], [512, 512], [1, 1, 1, 1]))).toBe(false)
  })

  it('come from tfjs programs, unless an option says otherwise or the filter is frozen', async () => {
    const tensors = () =>
      [
        [16, 12, 12, 128],
        [3, 3, 128, 160],
      ].map((shape, i) => tf.randomNormal(shape as [number, number, number, number], 0, 1, 'float32', i + 1))
    const outcome = (isFrozen = false) =>
      tf.tidy(() => {
        const [x, filter] = tensors() as [tf.Tensor4D, tf.Tensor4D]
        if (isFrozen) freeze(filter)
        flush()
        const run = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same')
        const dy = tf.randomNormal([16, 12, 12, 160], 0, 1, 'float32', 3)
        const bias = tf.linspace(-1, 1, 160) as tf.Tensor1D
        const fused = tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' })
        const results = [run(x, filter), fused, ...tf.grads((a, b) => run(a!, b!))([x, filter], dy)]
        const isTiled = onnxBackend().recorder.pending.map(({ op }) => op === 'Gather')
        return {
          values: isFrozen ? [] : results.map((t) => t.dataSync() as Float32Array),
          count: isTiled.filter(Boolean).length,
        }
      })
    const replace = async (backend: OnnxBackend) => {
      tf.removeBackend('onnx')
      tf.registerBackend('onnx', () => backend)
      await tf.setBackend('onnx')
    }
    try {
      await replace(createOnnxBackend())
      const fewer = outcome()
      expect(fewer.count).toBe(10)
      // its gradient by the filter does not see the filter
      expect(outcome(true).count).toBe(2)
      await replace(createOnnxBackend({ winograd: false }))
      const plain = outcome()
      expect(plain.count).toBe(0)
      // Sums of thousands of products of normal numbers.
      const scaled = ({ values }: typeof plain) => values.map((v) => v.map((n) => n / 50))
      expectClose(scaled(fewer), scaled(plain))
    } finally {
      await replace(createOnnxBackend())
    }
  })
})
