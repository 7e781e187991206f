import { arrayImages } from '@pilotjs/core/images'
import type { Method, Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import type { z } from 'zod'
import { contextOf, learnTasks, savedState, scoresOf } from './learning'
import { patternTask } from './patterns'
import type { Promised } from './promised'
import { exam, refusalOf, seed, tasks, trialOf } from './trial'

/** What reading scores promises, and how what cannot be is refused. */
export function promisesOfUse<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): readonly Promised[] {
  const { withLearner } = trialOf(method, options)

  return [
    {
      promise: 'reads the same scores off features',
      check: () =>
        withLearner(async (learner) => {
          await learnTasks(learner, tasks.slice(0, 2), { seed })
          const { values } = await scoresOf(learner, exam)
          const { features } = contextOf(tasks, { seed })(tasks[2])
          const extracted = await features.extract(exam, learner.extractor, { batchSize: exam.length })
          for (const [place, [name, read]] of Object.entries(learner.readings).entries()) {
            const scores = tf.tidy(() => read(extracted))
            expect(scores.shape, name).toEqual([exam.length, 4])
            if (place === 0)
              (await scores.data()).forEach((score, i) => expect(Math.abs(score - values[i]!), name).toBeLessThan(1e-4))
            scores.dispose()
          }
          extracted.dispose()
        }),
    },
    {
      promise: 'scores the same from features that are known, as a cache has them',
      check: () =>
        withLearner(async (learner) => {
          await learnTasks(learner, tasks.slice(0, 2), { seed })
          const { extractor, readings } = learner
          if (!extractor.known) return
          expect(extractor.known.id, 'an id: only what is frozen is known').toBeDefined()
          const [read] = Object.values(readings)
          for await (const { images, dispose } of exam.batches({ size: exam.length, view: 'eval' })) {
            const [own, given] = [undefined, extractor.known.apply(images)].map((known) =>
              tf.tidy(() => read!(extractor.apply(images, known)).arraySync()),
            )
            expect(given).toEqual(own)
            dispose()
          }
        }),
    },
    {
      promise: 'refuses to score before it has learned',
      check: () =>
        withLearner(async (learner) => {
          const image = tf.zeros<tf.Rank.R4>([1, 8, 8, 3])
          expect((await refusalOf(() => learner.score(image)))?.code).toBe('nothing-learned')
          image.dispose()
        }),
    },
    {
      promise: 'refuses tasks that are none: without images, with a gap in their labels, out of order',
      check: () =>
        withLearner(async (learner) => {
          const context = contextOf(tasks, { seed })
          const [first, second] = tasks
          const wrong: Task[] = [
            { ...first, train: arrayImages({ values: new Float32Array(0), labels: [], size: [8, 8], name: 'none' }) },
            patternTask(0, [0, 2], 0),
            patternTask(0, [1], 0),
            second,
            { ...first, classes: [0, 1, 2], classesAfter: 3 },
          ]
          for (const task of wrong)
            expect((await refusalOf(() => learner.learn(task, context(task))))?.code).toBe('invalid-task')
          // None of them has left a trace.
          await learner.learn(first, context(first))
          expect((await scoresOf(learner, exam)).shape).toEqual([exam.length, 2])
        }),
    },
    {
      promise: 'refuses a state that is another learner’s',
      check: () =>
        withLearner(async (learner) => {
          await learnTasks(learner, tasks.slice(0, 1), { seed })
          const state = await savedState(learner)
          const [name, tensor] = Object.entries(state.tensors)[0]!
          const others = Object.fromEntries(Object.entries(state.tensors).filter(([own]) => own !== name))
          const foreign = { ...state, tensors: { ...others, 'somebody.else': tensor } }
          expect((await refusalOf(() => learner.restore(foreign)))?.code).toBe('invalid-state')
          expect((await refusalOf(() => learner.restore({ ...state, json: {} })))?.code).toBe('invalid-state')
          tf.dispose(state.tensors as Record<string, tf.Tensor>)
        }),
    },
    {
      promise: 'names an option that it does not have',
      async check() {
        const typo = { epohcs: 3 } as unknown as z.input<Schema>
        const refused = await refusalOf(() => method(typo))
        expect(refused?.code).toBe('invalid-options')
        expect(refused?.message).toMatch(/epohcs is no option/)
      },
    },
  ]
}
