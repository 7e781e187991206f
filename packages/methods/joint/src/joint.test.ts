import { contextOf, keepsTheContract, patternTask, tinyBackbone } from '@pilotjs/testing'
import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { joint } from './joint'

const quick = { batchSize: 10, epochs: 3, learningRate: 0.05 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]

describe('joint', () => {
  keepsTheContract(joint, quick)

  it('begins every task with the pre-trained network, and trains on the images of all tasks', async () => {
    const backbone = tinyBackbone()
    const learner = joint(quick).create({ backbone, seed: 3 })
    const starts: Record<string, Float32Array>[] = []
    const steps: number[] = []
    const context = contextOf(tasks, {
      seed: 5,
      onProgress(event) {
        if (event.kind !== 'phase') return
        steps.push(event.stepsPerEpoch)
        const { tensors } = learner.state()
        const net = Object.entries(tensors).filter(([name]) => name.startsWith('net.'))
        starts.push(
          Object.fromEntries(
            net.map(([name, tensor]) => [name, (tensor as Tensor).dataSync().slice() as Float32Array]),
          ),
        )
      },
    })
    for (const task of tasks) await learner.learn(task, context(task))
    expect(steps).toEqual([2, 4])
    expect(Object.keys(starts[0]!)).toHaveLength(Object.keys(backbone.parameters).length)
    for (const start of starts)
      for (const [name, tensor] of Object.entries(backbone.parameters))
        expect(start[`net.${name}`]).toEqual(tensor.dataSync())
    expect((learner.state().json.seen as { keys: string[] }).keys).toHaveLength(40)
    learner.dispose()
    backbone.dispose()
  })
})
