import { suites } from '@pilotjs/conformance'
import { resultsOf, differences } from '@pilotjs/conformance'
import { Tensor } from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import methods from '../../conformance/src/reference/methods.json'
import linearAlgebra from '../../conformance/src/reference/linear-algebra.json'
import { startEngine } from './engines'

type Reference = Readonly<Record<string, Parameters<typeof differences>[1]>>

// An engine in a Web Worker has no synchronous answer.
describe('without synchronous reads', () => {
  beforeEach(async () => {
    await startEngine('wasm')
    const refuse = () => {
      throw new Error('a synchronous read')
    }
    vi.spyOn(Tensor.prototype, 'dataSync').mockImplementation(refuse)
    vi.spyOn(Tensor.prototype, 'arraySync').mockImplementation(refuse)
    vi.spyOn(Tensor.prototype, 'bufferSync').mockImplementation(refuse)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const cases = [
    ...suites.methods!.map((own) => [own.name, own, methods as Reference] as const),
    ...suites['linear-algebra']!.map((own) => [own.name, own, linearAlgebra as Reference] as const),
  ]
  it.each(cases)('%s gives the same numbers', async (name, own, reference) => {
    expect(differences(await resultsOf(own), reference[name]!, own.tolerance ?? 2e-5)).toEqual([])
  })

  it('would notice one', () => {
    expect(() => Tensor.prototype.dataSync.call(undefined)).toThrow('a synchronous read')
  })
})
