import { describeConformance } from '@pilotjs/conformance'
import { getBackend } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { browserEngines, startEngine } from './engines'

describe.each(browserEngines)('engine %s', (engine) => {
  beforeAll(() => startEngine(engine))
  it('is what computes', () => expect(getBackend()).toBe(engine))
  describeConformance()
})
