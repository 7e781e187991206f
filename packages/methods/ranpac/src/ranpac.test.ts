import { describe } from 'vitest'
import { keepsTheContract } from '../../../../tools/parity/src/testing/learner-contract'
import { ranpac } from './ranpac'

describe('ranpac', () => {
  keepsTheContract(ranpac, { epochs: 2, batchSize: 5, bottleneck: 4, projectionSize: 64 })
})
