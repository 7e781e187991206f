import { memory } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { resultsOf } from './case'
import type { Recorded } from './case'
import { suites } from './cases/index'
import { differences } from './compare'
import linearAlgebra from './reference/linear-algebra.json'
import methods from './reference/methods.json'
import networks from './reference/networks.json'
import operations from './reference/operations.json'
import optimization from './reference/optimization.json'
import tensorOperations from './reference/tensor-operations.json'

type Reference = Readonly<Record<string, Readonly<Record<string, Recorded>>>>
const references: Readonly<Record<string, Reference>> = {
  operations,
  'tensor-operations': tensorOperations,
  networks,
  optimization,
  'linear-algebra': linearAlgebra,
  methods,
}

/** Tests that the engine which is set when they run computes what was recorded, and keeps no tensor of it. */
export function describeConformance(): void {
  for (const [suite, cases] of Object.entries(suites))
    describe(suite, () => {
      it.each(cases.map((own) => [own.name, own] as const))('%s', async (name, own) => {
        const before = memory().numTensors
        const results = await resultsOf(own)
        expect(differences(results, references[suite]![name]!, own.tolerance ?? 2e-5)).toEqual([])
        expect(memory().numTensors).toBe(before)
      })
    })
}
