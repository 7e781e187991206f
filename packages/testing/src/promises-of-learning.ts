import type { LabeledImages, Learner, Method, Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { expect, vi } from 'vitest'
import type { z } from 'zod'
import { contextOf, learnTasks, savedState, scoresOf } from './learning'
import { patternTask, tinyBackbone } from './patterns'
import type { Promised } from './promised'
import { exam, refusalOf, seed, tasks, trialOf } from './trial'

/** What learning and resuming promise, and which streams a method takes. */
export function promisesOfLearning<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): readonly Promised[] {
  const { make, makeWithoutPlan, withLearner } = trialOf(method, options)
  const { accepts } = method

  return [
    {
      promise: 'scores every class seen, learns the newest ones, and leaves no tensor behind',
      async check() {
        const backbone = tinyBackbone()
        const before = tf.memory().numTensors
        const learner = make(backbone)
        const context = contextOf(tasks, { seed })
        const beside: number[] = []
        for (const task of tasks) {
          await learner.learn(task, context(task))
          const { shape, values } = await scoresOf(learner, exam)
          expect(shape).toEqual([exam.length, task.classesAfter])
          expect(values.every(Number.isFinite)).toBe(true)
          // Beside what the learner keeps, the number of tensors does not grow.
          beside.push(tf.memory().numTensors - Object.keys(learner.state().tensors).length)
          expect(await shareRight(learner, task)).toBeGreaterThan(0.6)
        }
        expect(new Set(beside).size, `tensors beside those of the state, after each task: ${beside}`).toBe(1)
        learner.dispose()
        expect(tf.memory().numTensors, 'tensors once the learner is disposed').toBe(before)
        backbone.dispose()
      },
    },
    {
      promise: 'goes on from a saved state bit for bit',
      async check() {
        const backbone = tinyBackbone()
        const [whole, resumed] = [make(backbone), make(backbone)]
        const context = contextOf(tasks, { seed })
        await whole.learn(tasks[0], context(tasks[0]))
        await whole.learn(tasks[1], context(tasks[1]))
        const state = await savedState(whole)
        resumed.restore(state)
        tf.dispose(state.tensors as Record<string, tf.Tensor>)
        expect((await scoresOf(resumed, exam)).values).toEqual((await scoresOf(whole, exam)).values)

        for (const learner of [whole, resumed]) await learner.learn(tasks[2], context(tasks[2]))
        const [a, b] = [await savedState(whole), await savedState(resumed)]
        expect(Object.keys(b.tensors).sort()).toEqual(Object.keys(a.tensors).sort())
        for (const [name, tensor] of Object.entries(a.tensors))
          expect(await b.tensors[name]!.data(), name).toEqual(await tensor.data())
        expect(b.json).toEqual(a.json)
        expect((await scoresOf(resumed, exam)).values).toEqual((await scoresOf(whole, exam)).values)
        tf.dispose([a.tensors, b.tensors] as Record<string, tf.Tensor>[])
        for (const learner of [whole, resumed]) learner.dispose()
        backbone.dispose()
      },
    },
    {
      promise: 'gives the same numbers for the same seed',
      async check() {
        const backbone = tinyBackbone()
        const scores: Float32Array[] = []
        for (const own of [4, 4]) {
          const learner = make(backbone, own)
          await learnTasks(learner, tasks.slice(0, 1), { seed: own })
          scores.push((await scoresOf(learner, exam)).values)
          learner.dispose()
        }
        expect(scores[1]).toEqual(scores[0])
        backbone.dispose()
      },
    },
    {
      promise: 'learns one class at a time, without knowing how many will come',
      async check() {
        const backbone = tinyBackbone()
        const learner = makeWithoutPlan(backbone)
        const single = [0, 1].map((label) => patternTask(label, [label]))
        await learnTasks(learner, single, { seed })
        const { shape, values } = await scoresOf(learner, exam)
        expect(shape).toEqual([exam.length, 2])
        expect(values.every(Number.isFinite)).toBe(true)
        expect(accepts.newClasses && accepts.unknownTotal).toBe(true)
        learner.dispose()
        backbone.dispose()
      },
    },
    {
      promise: `${accepts.moreImages ? 'takes' : 'refuses'} more images of classes it knows`,
      check: () =>
        withLearner(async (learner) => {
          const again = patternTask(1, [1, 0], 2)
          const context = contextOf([tasks[0], again], { seed })
          await learner.learn(tasks[0], context(tasks[0]))
          const refused = await refusalOf(() => learner.learn(again, context(again)))
          if (accepts.moreImages) {
            expect(refused).toBeUndefined()
            expect((await scoresOf(learner, exam)).shape).toEqual([exam.length, 2])
          } else expect(refused).toMatchObject({ code: 'task-refused' })
        }),
    },
    ...(accepts.online ? [{ promise: 'learns many small tasks as it learns one large one', check: smallTasks }] : []),
    {
      promise: accepts.removeClass ? 'unlearns a class as if it had never been there' : 'has no way to unlearn a class',
      check: () =>
        withLearner(async (learner, backbone) => {
          expect(learner.removeClass !== undefined).toBe(accepts.removeClass)
          if (!learner.removeClass) return
          // Class 2 comes last of all: without it, all else is the same.
          const [first, second] = [tasks[0], patternTask(1, [2], 2)]
          await learnTasks(learner, [first, second], { seed })
          await learner.removeClass(2)
          const without = make(backbone)
          await learnTasks(without, [first], { seed })
          const [a, b] = [await scoresOf(learner, exam), await scoresOf(without, exam)]
          expect(a.shape).toEqual(b.shape)
          a.values.forEach((value, i) => expect(value).toBeCloseTo(b.values[i]!, 4))
          expect((await refusalOf(() => learner.removeClass!(7)))?.code).toBe('unknown-class')
          without.dispose()
        }),
    },
    {
      promise: accepts.mergeClasses
        ? 'makes two classes one as if they had been taught so'
        : 'has no way to make two classes one',
      check: () =>
        withLearner(async (learner, backbone) => {
          expect(learner.mergeClasses !== undefined).toBe(accepts.mergeClasses)
          if (!learner.mergeClasses) return
          // Class 3 becomes class 2, with which it came: what the first task trained is the same.
          const both = patternTask(1, [2, 3], 2)
          await learnTasks(learner, [tasks[0], both], { seed })
          await learner.mergeClasses(2, 3)
          const asOne = make(backbone)
          await learnTasks(
            asOne,
            [tasks[0], { ...both, classes: [2], classesAfter: 3, train: asClass(2, both.train) }],
            {
              seed,
            },
          )
          const [a, b] = [await scoresOf(learner, exam), await scoresOf(asOne, exam)]
          expect(a.shape).toEqual(b.shape)
          a.values.forEach((value, i) => expect(value).toBeCloseTo(b.values[i]!, 4))
          expect((await refusalOf(() => learner.mergeClasses!(0, 7)))?.code).toBe('unknown-class')
          asOne.dispose()
        }),
    },
    {
      promise: 'waits for no tensor: in a browser, WebGPU cannot read one synchronously',
      check: () =>
        withLearner(async (learner) => {
          const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync')
          try {
            await learnTasks(learner, tasks.slice(0, 2), { seed })
            await scoresOf(learner, exam)
            expect(reads.mock.calls, 'dataSync, arraySync or the like').toHaveLength(0)
          } finally {
            reads.mockRestore()
          }
        }),
    },
  ]

  /** The first task's images in four tasks of five, which must leave what one task of twenty leaves. */
  function smallTasks(): Promise<void> {
    return withLearner(async (learner, backbone) => {
      const whole = tasks[0]
      const pieces = [0, 5, 10, 15].map((first, index) => ({
        ...whole,
        index,
        classesBefore: index === 0 ? 0 : 2,
        train: whole.train.select([0, 1, 2, 3, 4].map((i) => first + i)),
      }))
      await learnTasks(learner, pieces, { seed })
      const atOnce = make(backbone)
      await learnTasks(atOnce, [whole], { seed })
      const [a, b] = [await scoresOf(learner, exam), await scoresOf(atOnce, exam)]
      expect(a.shape).toEqual(b.shape)
      a.values.forEach((value, i) => expect(value).toBeCloseTo(b.values[i]!, 4))
      atOnce.dispose()
    })
  }
}

/** The same images, all of one class. */
function asClass(label: number, images: LabeledImages): LabeledImages {
  const labels = new Int32Array(images.length).fill(label)
  return {
    ...images,
    labels,
    select: (positions) => asClass(label, images.select(positions)),
    async *batches(options) {
      for await (const batch of images.batches(options)) {
        batch.labels.dispose()
        const own = tf.tensor1d(new Int32Array(batch.positions.length).fill(label), 'int32')
        yield {
          ...batch,
          labels: own,
          dispose() {
            tf.dispose([batch.images, own])
          },
        }
      }
    },
  }
}

/** Share of a task's own images that score highest, among the task's classes, for their class. */
async function shareRight(learner: Learner, { train, classes, classesAfter }: Task): Promise<number> {
  const { values } = await scoresOf(learner, train)
  const right = Array.from(train.labels).filter((label, image) => {
    const row = values.subarray(image * classesAfter, (image + 1) * classesAfter)
    return classes.every((other) => row[label]! >= row[other]!)
  })
  return right.length / train.length
}
