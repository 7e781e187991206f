import { keepsTheContract } from '@pilotjs/testing'
import { describe } from 'vitest'
import { myMethod } from './my-method'

describe('my-method', () => {
  // Small enough to learn ten tiny images a class in a moment.
  keepsTheContract(myMethod, QUICK)
})
