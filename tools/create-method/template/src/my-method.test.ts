import { keepsTheContract } from '@pilotjs/testing'
import { describe } from 'vitest'
import { myMethod } from './my-method'

describe('my-method', () => {
  keepsTheContract(myMethod, { epochs: 10, batchSize: 5, learningRate: 0.05 })
})
