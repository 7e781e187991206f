import { describe } from 'vitest'
import { keepsTheContract } from '../../../../tools/parity/src/testing/learner-contract'
import { icarl } from './icarl'

describe('icarl', () => {
  keepsTheContract(icarl, {
    epochs: 4,
    baseEpochs: 4,
    batchSize: 5,
    learningRate: 0.05,
    baseLearningRate: 0.05,
    memorySize: 12,
  })
})
