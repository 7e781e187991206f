import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { checkFinite } from './check-finite'

it('names the weight that holds no number', async () => {
  const fine = tf.tensor1d([0, -1e30, 3])
  await expect(checkFinite('mine', { fine, count: tf.tensor1d([1, 2], 'int32') })).resolves.toBeUndefined()
  await expect(checkFinite('mine', { fine, 'norm.bias': tf.tensor1d([0, NaN]) })).rejects.toThrow(
    'mine: weight norm.bias holds NaN at position 1',
  )
  await expect(checkFinite('mine', { big: tf.tensor1d([Infinity]) })).rejects.toThrow('big holds Infinity')
})
