import { describe } from 'vitest'
import { keepsTheContract } from '../../../../tools/parity/src/testing/learner-contract'
import { l2p } from './l2p'

describe('l2p', () => {
  keepsTheContract(l2p, { epochs: 8, batchSize: 5, poolSize: 6, promptLength: 2, topK: 2, learningRate: 0.01 })
})
