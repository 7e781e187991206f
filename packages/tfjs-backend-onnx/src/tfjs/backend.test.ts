import { totalmem } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOnnxBackend, flush, freeze, onnxBackend } from '../index'
import { nodeRuntime } from '../runtime/node/runtime'

beforeAll(() => tf.setBackend('onnx'))

const ramp = (rows: number, columns: number, scale = 1) =>
  tf.tidy(() => tf.mul(tf.sin(tf.range(0, rows * columns)), scale).reshape([rows, columns]) as tf.Tensor2D)

/** A classifier of two layers under an optimizer, with the loss of a batch. */
function classifier(optimizer: tf.Optimizer) {
  const [hidden, output] = [tf.variable(ramp(8, 16, 0.3)), tf.variable(ramp(16, 4, 0.3))]
  const step = (batch: number, seed: number) => {
    const [x, labels] = tf.tidy(() => [
      ramp(batch, 8, seed),
      tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(4, 'int32')), 4),
    ])
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels!, tf.matMul(tf.relu(tf.matMul(x as tf.Tensor2D, hidden)), output)),
      true,
      [hidden, output],
    )!
    tf.dispose([x!, labels!])
    return loss
  }
  return {
    step,
    weights: () => [...hidden.dataSync(), ...output.dataSync()],
    dispose: () => tf.dispose([hidden, output]),
  }
}

describe('a training step', () => {
  it('is one graph, whatever the learning rate, and a partial batch costs one session more', () => {
    // what other tests may have left
    const { fallbacks } = onnxBackend().stats()
    const optimizer = tf.train.momentum(0.1, 0.9)
    const { step, dispose } = classifier(optimizer)
    const run = (batch: number, seed: number) => {
      const loss = step(batch, seed)
      flush()
      // What the other thread has done is known once it has answered.
      loss.dataSync()
      loss.dispose()
    }
    run(6, 1)
    run(6, 2)
    const before = onnxBackend().stats()
    for (let i = 0; i < 5; i++) {
      ;(optimizer as unknown as { setLearningRate(rate: number): void }).setLearningRate(0.1 / (i + 2))
      run(6, 3 + i)
    }
    const full = onnxBackend().stats()
    expect(full.flushes - before.flushes).toBe(5)
    expect(full.builds).toBe(before.builds)
    run(3, 9)
    run(3, 10)
    expect(onnxBackend().stats().builds).toBe(full.builds + 1)
    expect(full.fallbacks).toEqual(fallbacks)
    dispose()
    optimizer.dispose()
  })

  it('gives the same bits every time', () => {
    const train = () => {
      const { step, weights, dispose } = classifier(tf.train.adam(0.01))
      const losses = Array.from({ length: 8 }, (_, i) => {
        const loss = step(6, i + 1)
        const value = loss.dataSync()[0]!
        loss.dispose()
        return value
      })
      const result = [...losses, ...weights()]
      dispose()
      return result
    }
    expect(train()).toEqual(train())
  })

  it('runs on its own where nothing is read and nothing flushed', () => {
    const before = onnxBackend().stats().flushes
    const { step, weights, dispose } = classifier(tf.train.sgd(0.01))
    for (let i = 0; i < 60; i++) step(4, i + 1).dispose()
    expect(onnxBackend().stats().flushes).toBeGreaterThan(before)
    expect(weights().every(Number.isFinite)).toBe(true)
    dispose()
  })

  it('leaves no tensor, data id or buffer behind', () => {
    const { step, weights, dispose } = classifier(tf.train.adam(0.01))
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) {
        step(6, (i % 7) + 1).dispose()
        flush()
      }
      weights()
      return {
        tensors: tf.memory().numTensors,
        ids: onnxBackend().numDataIds(),
        buffers: onnxBackend().stats().buffers,
      }
    }
    const early = run(20)
    expect(run(200)).toEqual(early)
    dispose()
  })
})

describe('values that differ from step to step', () => {
  it('slices at other offsets are the same graph', () => {
    const x = ramp(40, 3)
    x.dataSync()
    const { builds } = onnxBackend().stats()
    const firsts = Array.from({ length: 8 }, (_, i) =>
      tf.tidy(
        () =>
          tf
            .slice(x, [i * 5, 0], [5, 3])
            .add(1)
            .dataSync()[0]!,
      ),
    )
    expect(firsts).toEqual(Array.from({ length: 8 }, (_, i) => Math.fround(Math.fround(Math.sin(i * 15)) + 1)))
    // one with the first offset in it, one that gets any
    expect(onnxBackend().stats().builds).toBe(builds + 2)
    x.dispose()
  })

  it('clip limits may change', () => {
    const x = tf.tensor1d([-5, 0, 5])
    const clipped = [1, 2, 3].map((limit) => tf.tidy(() => [...tf.clipByValue(x, -limit, limit).dataSync()]))
    expect(clipped).toEqual([1, 2, 3].map((limit) => [-limit, 0, limit]))
    x.dispose()
  })

  it('an array may be reused as soon as a tensor was made of it', () => {
    const array = Float32Array.of(1, 2, 3)
    const x = tf.tensor1d(array)
    array.fill(0)
    expect([...tf.mul(x, 2).dataSync()]).toEqual([2, 4, 6])
    const read = x.dataSync()
    read.fill(0)
    expect([...x.dataSync()]).toEqual([1, 2, 3])
  })
})

describe('frozen tensors', () => {
  it('give what they gave before, in every program and shape, and after others of their shape', () => {
    const x = ramp(6, 8)
    const product = (w: tf.Tensor2D) =>
      tf.tidy(() => tf.add(tf.matMul(x, w), tf.mul(tf.reshape(w, [5, 8]).sum(), 1e-3)).dataSync())
    const weights = [ramp(8, 5, 0.5), ramp(8, 5, 2)] as const
    const before = weights.map(product)
    freeze(...weights)
    const builds = onnxBackend().stats().builds
    for (let round = 0; round < 2; round++) {
      weights.forEach((w, i) => {
        const [now, then] = [product(w), before[i]!]
        then.forEach((value, k) => expect(now[k]).toBeCloseTo(value, 5))
      })
    }
    expect(onnxBackend().stats().builds).toBe(builds + 2)
    expect([...weights[0].dataSync()]).toEqual([...ramp(8, 5, 0.5).dataSync()])
    tf.dispose([x, ...weights])
  })

  it('may be pending, get gradients and start variables', () => {
    const w = ramp(3, 3)
    const before = tf.tidy(() => [...w.dataSync()])
    const pending = tf.mul(w, 2)
    freeze(w, pending)
    const gradient = tf.tidy(() =>
      tf
        .grad((t) => tf.sum(tf.square(t)))(w)
        .dataSync(),
    )
    gradient.forEach((value, i) => expect(value).toBeCloseTo(2 * before[i]!, 5))
    const variable = tf.variable(w)
    for (let step = 0; step < 2; step++)
      tf.tidy(() => {
        variable.assign(tf.add(variable, 1))
        flush()
      })
    variable.dataSync().forEach((value, i) => expect(value).toBeCloseTo(before[i]! + 2, 5))
    pending.dataSync().forEach((value, i) => expect(value).toBeCloseTo(2 * before[i]!, 5))
    tf.dispose([w, pending, variable])
  })

  it('leaves equal numbers alone', () => {
    const one = tf.scalar(3.25)
    freeze(one)
    const builds = () => onnxBackend().stats().builds
    const twice = (x: tf.Scalar) => tf.tidy(() => tf.mul(x, 2).dataSync()[0])
    expect(twice(tf.scalar(3.25))).toBe(6.5)
    const built = builds()
    expect(twice(tf.scalar(4))).toBe(8)
    expect(builds()).toBe(built)
  })
})

describe('the event loop', () => {
  const power = (size: number, times: number) =>
    tf.tidy(() => {
      const x = ramp(size, size, 0.01)
      let product = x
      for (let i = 0; i < times; i++) product = tf.matMul(product, x)
      return product
    })

  it('goes on while a graph runs', async () => {
    expect(onnxBackend().stats().execution).toBe('worker')
    const y = power(600, 20)
    let turns = 0
    let done = false
    const turn = () => {
      turns++
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    const values = await y.data()
    done = true
    expect(values.length).toBe(360_000)
    expect(turns).toBeGreaterThan(0)
    y.dispose()
  })

  it('may be blocked by a synchronous read while others are under way', async () => {
    const y = power(100, 5)
    const reading = y.data()
    expect(tf.tidy(() => tf.add(tf.tensor1d([1]), 1).dataSync()[0])).toBe(2)
    expect([...(await reading)]).toEqual([...y.dataSync()])
    y.dispose()
  })
})

describe('failures', () => {
  it('of ONNX Runtime name the kernel and the shapes, and cost only what was recorded with it', async () => {
    const rows = ramp(3, 2)
    flush()
    const beyond = tf.add(tf.tensor1d([1, 2], 'int32'), tf.scalar(40, 'int32'))
    const lost = tf.gather(rows, beyond as tf.Tensor1D)
    expect(() => lost.dataSync()).toThrow(/kernel GatherV2 on shapes \[3,2\], \[2\]/)
    await expect(tf.add(lost, 1).data()).rejects.toThrow(/kernel GatherV2/)
    expect(tf.add(rows, 1).shape).toEqual([3, 2])
    expect([...tf.slice(rows, [0, 0], [1, 1]).dataSync()]).toEqual([0])
  })

  it('of an execution provider name it and the way back', () => {
    const backend = createOnnxBackend({ executionProviders: ['abacus'], worker: false })
    const x = backend.value({
      dataId: backend.write(Float32Array.of(1, 2), [2], 'float32'),
      shape: [2],
      dtype: 'float32',
    })
    const y = backend.tensor(backend.recorder.emit('Neg', [x], [2], 'float32'))
    expect(() => backend.readSync(y.dataId)).toThrow(/'abacus'.*executionProviders/)
    backend.dispose()
  })

  it('of PILOT_THREADS name the variable', () => {
    process.env.PILOT_THREADS = 'many'
    expect(nodeRuntime.defaults).toThrow("PILOT_THREADS must be a positive integer, not 'many'.")
    process.env.PILOT_THREADS = '3'
    expect(nodeRuntime.defaults().threads).toBe(3)
    delete process.env.PILOT_THREADS
  })
})

describe('memory', () => {
  it('is half of what there is, and what is kept an eighth of it at most', () => {
    const { memoryBytes } = nodeRuntime.defaults()
    expect(memoryBytes).toBeGreaterThan(2 ** 27)
    expect(memoryBytes).toBeLessThanOrEqual(totalmem() / 2)
    expect(nodeRuntime.defaults(2 ** 30)).toMatchObject({
      memoryBytes: 2 ** 30,
      sessionBytes: 2 ** 27,
      poolBytes: 2 ** 27,
    })
    expect(nodeRuntime.defaults(2 ** 40)).toMatchObject({ sessionBytes: 2 ** 29, poolBytes: 2 ** 29 })
  })

  it('that a backend is told is what it counts on', () => {
    const backend = createOnnxBackend({ memoryBytes: 2 ** 28, worker: false })
    expect(backend.memoryBytes).toBe(2 ** 28)
    expect(backend.options.sessionBytes).toBe(2 ** 25)
    backend.dispose()
  })
})

describe('sessions', () => {
  it('that were used least recently go when memory is short', () => {
    const backend = createOnnxBackend({ sessionBytes: 600_000, worker: false })
    const run = (length: number) => {
      const info = {
        dataId: backend.write(new Float32Array(length).fill(1), [length], 'float32'),
        shape: [length],
        dtype: 'float32' as const,
      }
      const y = backend.tensor(backend.recorder.emit('Neg', [backend.value(info)], [length], 'float32'))
      const [first] = backend.readSync(y.dataId) as Float32Array
      backend.disposeData(info.dataId)
      backend.disposeData(y.dataId)
      return first
    }
    for (let length = 2; length < 12; length++) expect(run(length)).toBe(-1)
    const { sessions, evictions, sessionBytes, builds } = backend.stats()
    expect(evictions).toBe(10 - sessions)
    expect(sessionBytes).toBeLessThanOrEqual(600_000)
    run(11)
    expect(backend.stats().builds).toBe(builds)
    run(2)
    expect(backend.stats().builds).toBe(builds + 1)
    backend.dispose()
  })
})

describe('TensorFlow.js around it', () => {
  it('trains layers models', async () => {
    const xs = ramp(100, 8, 3)
    const ys = tf.tidy(() => tf.cast(tf.greater(tf.sum(xs, 1, true), 0), 'float32'))
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 16,
          activation: 'relu',
          inputShape: [8],
          kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
        }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.1, seed: 2 }),
        tf.layers.dense({
          units: 1,
          activation: 'sigmoid',
          kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
        }),
      ],
    })
    model.compile({ optimizer: tf.train.adam(0.02), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
    const { history } = await model.fit(xs, ys, { epochs: 10, batchSize: 32, shuffle: false, verbose: 0 })
    expect(history.loss!.at(-1)).toBeLessThan(0.6 * (history.loss![0] as number))
    expect((model.predict(xs) as tf.Tensor).shape).toEqual([100, 1])
  })

  it('keeps strings and complex numbers', async () => {
    expect(await tf.tensor1d(['a', 'b']).data()).toEqual(['a', 'b'])
    expect([
      ...tf
        .complex([1, 2], [3, 4])
        .add(tf.complex([1, 1], [1, 1]))
        .dataSync(),
    ]).toEqual([2, 4, 3, 5])
  })

  it('takes tensors over from another backend and gives them back', async () => {
    await tf.setBackend('cpu')
    const x = tf.tensor1d([1, 2])
    await tf.setBackend('onnx')
    const y = tf.mul(x, 2)
    await tf.setBackend('cpu')
    expect([...tf.add(y, 1).dataSync()]).toEqual([3, 5])
    await tf.setBackend('onnx')
  })

  it('builds no program anew for a gradient of slices that move', () => {
    const x = tf.variable(tf.ones([4, 12]))
    const gradientAt = (first: number) =>
      tf.tidy(() => [
        ...tf
          .grad((v: tf.Tensor) => tf.sum(tf.square(tf.slice(v, [0, first], [-1, 3]))))(x)
          .dataSync(),
      ])
    const builds = () => onnxBackend().stats().builds
    const row = (first: number) => Array.from({ length: 12 }, (_, i) => (i >= first && i < first + 3 ? 2 : 0))
    const all = (first: number) => [0, 1, 2, 3].flatMap(() => row(first))
    // the first is built with its offset, the second with offsets as inputs
    expect([gradientAt(0), gradientAt(3)]).toEqual([all(0), all(3)])
    const before = builds()
    for (const first of [6, 9, 1]) expect(gradientAt(first)).toEqual(all(first))
    expect(builds()).toBe(before)
    x.dispose()
  })
})
