import { createVariables } from '@pilotjs/core/parameters'
import { gradientsOf } from '@pilotjs/core/training'
import { dispose, keep, mul, sum, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'

type Inputs = Record<string, Tensor>

/** A function's value, and the gradients of Σ r · value, r random, by every input. */
export function differentiated(name: string, make: () => Inputs, f: (inputs: Inputs) => Tensor): ConformanceCase {
  return {
    name,
    run() {
      const inputs = make()
      const variables = createVariables(inputs)
      const results = tidy(() => {
        const value = f(variables)
        const loss = () => sum(mul(f(variables), sample(value.shape, 99))) as Scalar
        const { gradients } = gradientsOf(loss, variables)
        const named = Object.entries(gradients).map(([input, gradient]) => [`d${input}`, keep(gradient)] as const)
        return { value: keep(value.clone()), ...Object.fromEntries(named) }
      })
      dispose([Object.values(inputs), Object.values(variables)])
      return results
    },
  }
}
