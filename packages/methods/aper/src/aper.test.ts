import { describe } from 'vitest'
import { keepsTheContract } from '../../../../tools/parity/src/testing/learner-contract'
import { aper } from './aper'

describe('aper', () => {
  keepsTheContract(aper, { epochs: 3, batchSize: 5, bottleneck: 4, learningRate: 0.1 })
})
