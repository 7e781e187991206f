import '@tensorflow/tfjs-backend-wasm'
import { selectEngine } from '@pilotjs/core/node'
import { getBackend } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeConformance } from './describe-conformance'

// The engines that a README names for Node and that npm alone installs.
describe.each(['cpu', 'onnx', 'wasm'] as const)('engine %s', (engine) => {
  beforeAll(async () => {
    await selectEngine(engine)
  })
  it('is what computes', () => expect(getBackend()).toBe(engine))
  describeConformance()
})
