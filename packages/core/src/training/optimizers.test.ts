import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { createRng } from '../random/rng'
import { adam, adamW } from './adam'
import type { Optimizer } from './optimizer'
import { sgd } from './sgd'

/** Takes steps on one number; a gradient of undefined means that it has none. */
function walk(optimizer: Optimizer, start: number, gradients: (number | undefined)[]): number[] {
  const variable = tf.tidy(() => tf.variable(tf.scalar(start)))
  const path = gradients.map((gradient) => {
    tf.tidy(() => {
      const entries = gradient === undefined ? [] : [{ name: 'p', variable, gradient: tf.scalar(gradient) }]
      const { learningRate, weightDecay } = optimizer
      optimizer.update([{ learningRate, weightDecay, entries }])
    })
    return variable.dataSync()[0]!
  })
  variable.dispose()
  return path
}

const near = (path: number[], expected: number[]) => {
  expect(path).toHaveLength(expected.length)
  path.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6))
}

describe('sgd', () => {
  it('goes against the gradient', () => {
    near(walk(sgd({ learningRate: 0.1 }), 1, [1, 1]), [0.9, 0.8])
  })

  it('adds decay to the gradient and that to the momentum', () => {
    // g = 1 + 0.5·1 = 1.5, v = 1.5, p = 0.85; g = 1.425, v = 0.9·1.5 + 1.425 = 2.775, p = 0.5725;
    // no push: g = 0.28625, v = 2.78375, p = 0.294125
    near(walk(sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.5 }), 1, [1, 1, 0]), [0.85, 0.5725, 0.294125])
  })

  it('leaves what has no gradient, decay and momentum too', () => {
    near(walk(sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.5 }), 1, [1, undefined, 1]), [0.85, 0.85, 0.5725])
  })
})

describe('adam', () => {
  it('corrects both moments for their start and adds ε outside the root', () => {
    // Equal gradients: corrected m = g, v = g², so each step is rate · g / (|g| + ε).
    const step = (0.1 * 2) / (2 + 0.5)
    near(walk(adam({ learningRate: 0.1, epsilon: 0.5 }), 1, [2, 2, 2]), [1 - step, 1 - 2 * step, 1 - 3 * step])
  })

  it('follows the paper on changing gradients', () => {
    const gradients = [1, -3, 0.5, 2]
    let [p, m, v] = [1, 0, 0]
    const path = gradients.map((gradient, i) => {
      const g = gradient + 0.1 * p
      m = 0.8 * m + 0.2 * g
      v = 0.95 * v + 0.05 * g * g
      p -= (0.01 * m) / (1 - 0.8 ** (i + 1)) / (Math.sqrt(v / (1 - 0.95 ** (i + 1))) + 1e-8)
      return p
    })
    near(walk(adam({ learningRate: 0.01, betas: [0.8, 0.95], weightDecay: 0.1 }), 1, gradients), path)
  })

  it('counts the steps of each parameter by itself', () => {
    const rare = walk(adam({ learningRate: 0.1 }), 1, [undefined, undefined, 2])
    near(rare, [1, 1, 0.9])
  })
})

describe('adamW', () => {
  it('shrinks the weight by rate · decay, apart from the moments', () => {
    // (1 − 0.1·0.5)·1 − 0.1 = 0.85, then 0.95·0.85 − 0.1
    near(walk(adamW({ learningRate: 0.1, weightDecay: 0.5 }), 1, [2, 2]), [0.85, 0.7075])
  })
})

describe.each([
  ['sgd', () => sgd({ learningRate: 0.1, momentum: 0.9 })],
  ['adam', () => adam({ learningRate: 0.1 })],
  ['adamW', () => adamW({ learningRate: 0.1 })],
] as [string, () => Optimizer][])('%s', (_, make) => {
  const gradients = Array.from(createRng(3).normals(6, 0, 1))

  it('goes on bit for bit from a saved state', () => {
    const before = tf.memory().numTensors
    const [whole, first, second] = [make(), make(), make()]
    const straight = walk(whole, 1, gradients)
    const half = walk(first, 1, gradients.slice(0, 3))
    second.restore(first.state())
    expect(walk(second, half.at(-1)!, gradients.slice(3))).toEqual(straight.slice(3))
    for (const optimizer of [whole, first, second]) optimizer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('gives each group its rate', () => {
    const optimizer = make()
    const [a, b] = [tf.variable(tf.scalar(0)), tf.variable(tf.scalar(0))]
    tf.tidy(() =>
      optimizer.update([
        { learningRate: 1, weightDecay: 0, entries: [{ name: 'a', variable: a, gradient: tf.scalar(1) }] },
        { learningRate: 0.5, weightDecay: 0, entries: [{ name: 'b', variable: b, gradient: tf.scalar(1) }] },
      ]),
    )
    expect(a.dataSync()[0]).toBeCloseTo(-1, 5)
    expect(b.dataSync()[0]).toBeCloseTo(-0.5, 5)
    optimizer.dispose()
    tf.dispose([a, b])
  })
})
