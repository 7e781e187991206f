import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { createVariables, variableStore } from './variables'
import { fingerprintOf, lazyFingerprint } from './fingerprint'
import { checkWeights } from './check-weights'

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync())

describe('createVariables', () => {
  it('copies: neither hears of changes to the other', () => {
    const start = tf.tensor1d([1, 2])
    const { 'a.w': variable } = createVariables({ 'a.w': start })
    start.dispose()
    expect(values(variable!)).toEqual([1, 2])
    variable!.dispose()
  })
})

describe('variableStore', () => {
  it('makes, assigns, replaces and lets go without a leak', () => {
    const before = tf.memory().numTensors
    const store = variableStore()
    tf.tidy(() => {
      store.set('w', tf.tensor1d([1, 2]))
      const first = store.get('w')
      store.set('w', tf.tensor1d([3, 4]))
      expect(store.get('w')).toBe(first)
      store.set('w', tf.tensor1d([5, 6, 7]))
      expect(store.get('w')).not.toBe(first)
      store.set('w', store.get('w'))
    })
    expect(values(store.get('w'))).toEqual([5, 6, 7])
    expect(() => store.get('b')).toThrow("There is no variable 'b' yet; there are: w")
    store.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('restores exactly what is its own', () => {
    const [store, other] = [variableStore(), variableStore()]
    tf.tidy(() => {
      store.set('old', tf.scalar(1))
      other.set('a', tf.scalar(2))
      other.set('x', tf.scalar(3))
    })
    store.restore({ a: other.get('a') })
    expect(Object.keys(store.all())).toEqual(['a'])
    other.dispose()
    expect(values(store.get('a'))).toEqual([2])
    store.dispose()
  })
})

describe('fingerprintOf', () => {
  it('depends on names, shapes, values and the description, and on no order', async () => {
    const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2.0000002])]
    const prints = await Promise.all([
      fingerprintOf({ a, b }),
      fingerprintOf({ a, b: a }),
      fingerprintOf({ a: b, b: a }),
      fingerprintOf({ a, b: tf.reshape(b, [2, 1]) }),
      fingerprintOf({ a, b }, { depth: 6 }),
    ])
    expect(new Set(prints).size).toBe(prints.length)
    expect(await fingerprintOf({ b, a })).toBe(prints[0])
  })

  it('is taken anew by itself once a variable holds other data', async () => {
    const store = variableStore()
    tf.tidy(() => store.set('w', tf.tensor1d([1, 2])))
    let taken = 0
    const print = lazyFingerprint(() => {
      taken++
      return store.all()
    })
    const first = await print()
    expect(await print()).toBe(first)
    tf.tidy(() => store.set('w', tf.tensor1d([1, 3])))
    expect(await print()).not.toBe(first)
    tf.tidy(() => store.get('w').assign(tf.tensor1d([1, 2])))
    expect(await print()).toBe(first)
    expect(taken).toBe(4)
    store.dispose()
  })
})

describe('checkWeights', () => {
  it('lists the first few problems only', () => {
    const expected = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`w${i}`, [i]]))
    expect(() => checkWeights('model', {}, expected)).toThrow(
      'model: the weights do not fit the architecture. missing: w0 [0]; w1 [1]; w2 [2]; w3 [3]; w4 [4]; and 4 more. Check',
    )
  })
})
