import * as tf from '@tensorflow/tfjs'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flush, onnxBackend, renewed, replayed } from '../index'

beforeEach(async () => {
  await tf.setBackend('onnx')
  tf.engine().startScope()
})
afterEach(async () => {
  await tf.setBackend('onnx')
  tf.engine().endScope()
  tf.disposeVariables()
})

const replays = () => onnxBackend().stats().replays
const numbers = (t: tf.Tensor) => [...t.dataSync()]
const wave = (shape: number[], phase: number) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 0.7 + phase)),
    shape,
  )

/** A small classifier that Adam trains, and its step. */
function trainer(rate = 0.01) {
  const weights = tf.variable(wave([6, 3], 1))
  const bias = tf.variable(tf.zeros([3]))
  const optimizer = tf.train.adam(rate)
  const step = (x: tf.Tensor, y: tf.Tensor) =>
    optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D), bias)),
      true,
      [weights, bias],
    )!
  return { weights, bias, optimizer, step }
}

function batch(i: number, size = 4): [tf.Tensor, tf.Tensor] {
  const labels = Array.from({ length: size }, (_, j) => (i + j) % 3)
  return [wave([size, 6], i), tf.oneHot(tf.tensor1d(labels, 'int32'), 3)]
}

/** Runs steps; the losses, then the weights, and how many of the steps were replays. */
function train(wrap: boolean, sizes: number[]) {
  const { weights, bias, step } = trainer()
  const taken = wrap ? replayed(step) : step
  const before = replays()
  const losses = sizes.flatMap((size, i) => {
    const loss = taken(...batch(i, size))
    flush()
    return numbers(loss)
  })
  return { numbers: [...losses, ...numbers(weights), ...numbers(bias)], replays: replays() - before }
}

describe('replayed', () => {
  it('gives the bits of steps that are recorded every time', () => {
    const sizes = new Array<number>(8).fill(4)
    const recorded = train(false, sizes)
    const again = train(true, sizes)
    expect(again.numbers).toEqual(recorded.numbers)
    // the first makes Adam's moments, the second and third must agree
    expect(again.replays).toBe(5)
    expect(recorded.replays).toBe(0)
  })

  it('keeps shapes apart', () => {
    const sizes = [4, 4, 4, 2, 4, 2, 2, 4, 2]
    const again = train(true, sizes)
    expect(again.numbers).toEqual(train(false, sizes).numbers)
    // of either the first two that agree come before
    expect(again.replays).toBe(4)
  })

  it('records anew for another key', () => {
    const rates = [0.1, 0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.1, 0.1]
    const run = (wrap: boolean) => {
      const weight = tf.variable(tf.tensor1d([1, -2, 3]))
      const optimizer = tf.train.sgd(rates[0]!)
      const step = () => optimizer.minimize(() => tf.sum(tf.square(weight)), true, [weight])!
      const taken = wrap ? replayed(step, { key: () => optimizer.getConfig().learningRate as number }) : step
      const losses = rates.flatMap((rate) => {
        optimizer.setLearningRate(rate)
        return numbers(taken())
      })
      return [...losses, ...numbers(weight)]
    }
    const before = replays()
    expect(run(true)).toEqual(run(false))
    expect(replays() - before).toBe(5)
  })

  it('records once for another key if that changes nothing', () => {
    const step = (x: tf.Tensor) => tf.add(x, n < 6 ? 1 : 2)
    let n = 0
    const taken = replayed(step, { key: () => Math.floor(n / 3) })
    const before = replays()
    const values = Array.from({ length: 9 }, (_, i) => ((n = i), numbers(taken(tf.scalar(i)))[0]))
    expect(values).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10])
    // 0 and 1 agree, 3 agrees with 2; 6 does something else, and 7 agrees with it
    expect(replays() - before).toBe(1 + 2 + 1)
  })

  it('does not take turns for a repetition', () => {
    let n = 0
    const taken = replayed((x: tf.Tensor) => tf.add(x, n % 2))
    expect([0, 1, 2, 3, 4, 5].map((i) => ((n = i), numbers(taken(tf.scalar(0)))[0]))).toEqual([0, 1, 0, 1, 0, 1])
    const keyed = replayed((x: tf.Tensor) => tf.add(x, n % 2), { key: () => n % 2 })
    const before = replays()
    expect([0, 1, 2, 3, 4, 5].map((i) => ((n = i), numbers(keyed(tf.scalar(0)))[0]))).toEqual([0, 1, 0, 1, 0, 1])
    expect(replays() - before).toBe(2)
  })

  it('makes renewed numbers for every call, in the order in which they are asked for', () => {
    const run = (wrap: boolean) => {
      let n = 0
      const mask = (length: number) => renewed(() => Float32Array.from({ length }, () => n++), [length])
      const step = (x: tf.Tensor) => {
        const [first, number] = [mask(3), renewed(() => Float32Array.of(n++), [])]
        mask(2)
        return tf.add(tf.mul(tf.add(x, first), number), tf.mul(first, 2))
      }
      const taken = wrap ? replayed(step) : step
      return [1, 2, 3, 4, 5].flatMap((x) => numbers(taken(tf.scalar(x))))
    }
    const before = replays()
    expect(run(true)).toEqual(run(false))
    expect(replays() - before).toBe(3)
  })

  it('sees that a tensor which it used has been replaced', () => {
    let table = tf.tensor1d([1, 2])
    const step = replayed((x: tf.Tensor) => tf.mul(x, table))
    const before = replays()
    const values = [1, 2, 3, 4, 5, 6, 7].map((x) => {
      if (x === 4) {
        table.dispose()
        table = tf.tensor1d([10, 20])
      }
      return numbers(step(tf.scalar(x)))[1]
    })
    expect(values).toEqual([2, 4, 6, 80, 100, 120, 140])
    expect(replays() - before).toBe(1 + 2)
  })

  it('does what a step does to its variables, whatever it is', () => {
    // Each instruction changes one of three variables by another, an argument, or a number.
    const operand = fc.integer({ min: 0, max: 5 })
    const instruction = fc.tuple(
      fc.constantFrom('add', 'sub', 'copy'),
      fc.integer({ min: 0, max: 2 }),
      operand,
      operand,
    )
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: 6 }), (program) => {
        const run = (wrap: boolean) => {
          const variables = [0, 1, 2].map((i) => tf.variable(tf.tensor1d([i, i + 1])))
          const step = (a: tf.Tensor, b: tf.Tensor) => {
            for (const [verb, target, left, right] of program) {
              const value = (i: number) => [...variables, a, b, tf.scalar(0.5)][i]!
              const whole = (t: tf.Tensor) => (t.rank === 0 ? tf.fill([2], 0.5) : t) as tf.Tensor1D
              if (verb === 'copy') variables[target]!.assign(tf.clone(whole(value(left))))
              else variables[target]!.assign(whole(tf[verb](value(left), value(right))))
            }
            return [tf.add(variables[0]!, a), tf.mul(variables[1]!, 2)]
          }
          const taken = wrap ? replayed(step) : step
          const out: number[] = []
          for (let i = 0; i < 5; i++) {
            tf.tidy(() => {
              const results = taken(tf.tensor1d([i, 0.5]), tf.scalar(i === 3 ? 0.5 : i / 4))
              out.push(...results.flatMap(numbers), ...variables.flatMap(numbers))
            })
          }
          variables.forEach((v) => v.dispose())
          return out
        }
        expect(run(true)).toEqual(run(false))
      }),
      { numRuns: 60 },
    )
  })

  it('tells an argument from an equal number', () => {
    const step = replayed((x: tf.Tensor) => tf.add(tf.mul(x, 0.5), 0.5))
    const values = [0.5, 0.5, 0.5, 2, 0.5, 3].map((x) => numbers(step(tf.scalar(x)))[0])
    expect(values).toEqual([0.75, 0.75, 0.75, 1.5, 0.75, 2])
  })

  it('takes arguments that are not computed yet, and one in several places', () => {
    const make = () => replayed((x: tf.Tensor, y: tf.Tensor) => tf.sub(tf.mul(x, 3), y))
    const [step, twice, shaped] = [make(), make(), make()]
    const before = replays()
    for (let i = 0; i < 5; i++) {
      const x = tf.square(tf.scalar(i))
      expect(numbers(step(x, tf.scalar(1)))).toEqual([3 * i * i - 1])
      expect(numbers(twice(x, x))).toEqual([2 * i * i])
      expect(numbers(shaped(x, tf.reshape(x, [])))).toEqual([2 * i * i])
    }
    // one argument in two places is not told apart, and recorded every time
    expect(replays() - before).toBe(3)
  })

  it.each<[string, () => (x: tf.Tensor) => tf.Tensor]>([
    ['draws random numbers', () => (x) => tf.add(x, tf.randomUniform([2]))],
    [
      'counts',
      () => {
        let n = 0
        return (x) => tf.add(x, n++)
      },
    ],
    ['reads', () => (x) => tf.add(x, tf.sum(x).dataSync()[0]!)],
    ['keeps a tensor', () => (x) => tf.add(x, tf.sum(tf.keep(tf.mul(x, 2))))],
    ['makes variables', () => (x) => tf.add(x, tf.variable(tf.mul(x, 2)))],
    [
      'moves a tensor of its own',
      () => {
        let state = tf.keep(tf.zeros([2]))
        return (x) => {
          const next = tf.keep(tf.add(state, x))
          state.dispose()
          state = next
          return tf.mul(next, 1)
        }
      },
    ],
  ])('does not replay a step that %s', (_, make) => {
    const step = replayed(make())
    const before = replays()
    for (let i = 0; i < 5; i++) numbers(step(tf.tensor1d([i, 1])))
    expect(replays()).toBe(before)
  })

  it('refuses what is no tensor', () => {
    const step = replayed((x: tf.Tensor) => ({ loss: tf.mul(x, 2) }))
    expect(() => step(tf.scalar(1))).toThrow('a tensor, a list of tensors, or nothing')
    const none = replayed(() => undefined)
    expect([none(), none(), none(), none()]).toEqual(new Array(4).fill(undefined))
  })

  it('is not replayed under a gradient, nor on another backend', async () => {
    const step = replayed((x: tf.Tensor) => tf.square(x))
    const x = tf.scalar(3)
    for (let i = 0; i < 4; i++) step(x)
    const before = replays()
    expect(numbers(tf.grad((v) => step(v))(x))).toEqual([6])
    await tf.setBackend('cpu')
    expect(numbers(step(tf.scalar(4)))).toEqual([16])
    expect(replays()).toBe(before)
    // a variable that stays there changes nothing
    tf.variable(tf.scalar(1))
    await tf.setBackend('onnx')
    const other = replayed((v: tf.Tensor) => tf.square(v))
    expect([1, 2, 3, 4].flatMap((v) => numbers(other(tf.scalar(v))))).toEqual([1, 4, 9, 16])
    expect(replays()).toBe(before + 2)
  })

  it('starts again when a program or a variable is gone', () => {
    let variable = tf.variable(tf.scalar(2))
    const step = replayed((x: tf.Tensor) => {
      variable.assign(tf.add(variable, x))
      return tf.mul(variable, x)
    })
    const values = () => [1, 1, 1, 1].map((x) => numbers(step(tf.scalar(x)))[0])
    expect(values()).toEqual([3, 4, 5, 6])
    ;(onnxBackend() as unknown as { programs: { clear(): void } }).programs.clear()
    const before = replays()
    expect(values()).toEqual([7, 8, 9, 10])
    expect(replays()).toBe(before + 2)
    variable.dispose()
    variable = tf.variable(tf.scalar(5))
    expect(values()).toEqual([6, 7, 8, 9])
  })

  it('holds on to nothing but what it was recorded with', () => {
    const table = wave([64], 3)
    const step = replayed((x: tf.Tensor) => tf.add(tf.mul(x, table), tf.tensor1d(new Array(64).fill(2))))
    const call = () => tf.tidy(() => numbers(step(wave([64], 1))))
    const state = () => {
      tf.tidy(() => numbers(tf.scalar(0)))
      return { ...tf.memory(), buffers: onnxBackend().stats().buffers, ids: onnxBackend().numDataIds() }
    }
    const first = call()
    call()
    call()
    const early = state()
    for (let i = 0; i < 50; i++) call()
    const late = state()
    expect([late.numTensors, late.buffers, late.ids]).toEqual([early.numTensors, early.buffers, early.ids])
    const held = state().buffers
    step.dispose()
    expect(call()).toEqual(first)
    step.dispose()
    expect(state().buffers).toBeLessThan(held)
  })
})
