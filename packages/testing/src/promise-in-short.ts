import type { Method } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { expect, vi } from 'vitest'
import type { z } from 'zod'
import { learnTasks, savedState, scoresOf } from './learning'
import { tinyBackbone } from './patterns'
import type { Promised } from './promised'
import { exam, seed, tasks, trialOf } from './trial'

/**
 * The heart of the contract in one check of two tasks, for further kinds of a method (another module, another statistic) of which
 * one keeps all of it: it learns, comes back from its state with the same tensors and the same scores, waits for no tensor and
 * leaves none behind.
 */
export function promiseInShort<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): Promised {
  const { make } = trialOf(method, options)
  return {
    promise: 'learns two tasks, comes back from its state, waits for no tensor and leaves none behind',
    async check() {
      const backbone = tinyBackbone()
      const before = tf.memory().numTensors
      const [learner, restored] = [make(backbone), make(backbone)]
      const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync')
      try {
        await learnTasks(learner, tasks.slice(0, 2), { seed })
        const { shape, values } = await scoresOf(learner, exam)
        expect(shape).toEqual([exam.length, 4])
        expect(values.every(Number.isFinite)).toBe(true)
        const state = await savedState(learner)
        restored.restore(state)
        expect((await scoresOf(restored, exam)).values).toEqual(values)
        const again = await savedState(restored)
        expect(Object.keys(again.tensors).sort()).toEqual(Object.keys(state.tensors).sort())
        for (const [name, tensor] of Object.entries(state.tensors))
          expect(await again.tensors[name]!.data(), name).toEqual(await tensor.data())
        expect(again.json).toEqual(state.json)
        tf.dispose([state.tensors, again.tensors] as Record<string, tf.Tensor>[])
        expect(reads.mock.calls, 'dataSync, arraySync or the like').toHaveLength(0)
      } finally {
        reads.mockRestore()
      }
      for (const one of [learner, restored]) one.dispose()
      expect(tf.memory().numTensors, 'tensors once the learners are disposed').toBe(before)
      backbone.dispose()
    },
  }
}
