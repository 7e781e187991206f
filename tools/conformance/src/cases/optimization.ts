import { crossEntropy, linear } from '@pilotjs/core/ops'
import { createRng } from '@pilotjs/core/random'
import { adam, adamW, clipByNorm, gradientsOf, sgd } from '@pilotjs/core/training'
import { gelu } from '@pilotjs/core/ops'
import { createVariables } from '@pilotjs/core/parameters'
import type { Optimizer } from '@pilotjs/core/training'
import { dispose, keep, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'

const steps = 4

/** Losses and weights of a small network over a few steps. */
function trained(name: string, create: () => Optimizer, clipNorm?: number): ConformanceCase {
  return {
    name,
    async run() {
      const start = {
        'first.weight': sample([8, 6], 1, 0.5),
        'first.bias': sample([8], 2),
        'second.weight': sample([3, 8], 3, 0.5),
      }
      const parameters = createVariables(start)
      dispose(Object.values(start))
      const optimizer = create()
      const losses: number[] = []
      for (let step = 0; step < steps; step++) {
        const loss = tidy(() => {
          const images = sample<Tensor2D>([10, 6], 100 + step)
          const labels = tensor1d(
            Array.from(createRng(step).uniforms(10, 0, 3), (draw) => Math.floor(draw)),
            'int32',
          )
          const forward = () => {
            const hidden = gelu(linear(images, parameters['first.weight']!, parameters['first.bias']!))
            return crossEntropy(linear(hidden, parameters['second.weight']!), labels) as Scalar
          }
          const { loss, gradients } = gradientsOf(forward, parameters)
          const applied = clipNorm === undefined ? gradients : clipByNorm(gradients, clipNorm)
          optimizer.update([
            {
              learningRate: optimizer.learningRate,
              weightDecay: optimizer.weightDecay,
              entries: Object.entries(parameters).map(([name, variable]) => ({
                name,
                variable,
                gradient: applied[name]!,
              })),
            },
          ])
          return keep(loss)
        })
        losses.push(...(await loss.data()))
        loss.dispose()
      }
      optimizer.dispose()
      const results = Object.fromEntries(Object.entries(parameters).map(([name, variable]) => [name, variable.clone()]))
      dispose(Object.values(parameters))
      return { losses, ...results }
    },
  }
}

/** Optimizers at work: every step is made of the one before. */
export const optimization: readonly ConformanceCase[] = [
  trained('steps of SGD', () => sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 })),
  trained('steps of SGD, clipped', () => sgd({ learningRate: 0.5 }), 0.2),
  trained('steps of Adam', () => adam({ learningRate: 0.02, weightDecay: 0.01 })),
  trained('steps of AdamW', () => adamW({ learningRate: 0.02 })),
]
