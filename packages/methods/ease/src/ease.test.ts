import { describe } from 'vitest'
import { keepsTheContract } from '../../../../tools/parity/src/testing/learner-contract'
import { ease } from './ease'

describe('ease', () => {
  keepsTheContract(ease, { epochs: 3, batchSize: 5, bottleneck: 4 })
})
