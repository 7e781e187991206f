import { arrayImages, createContext, createRng, createVit, initVit, type Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { myMethod } from './my-method'

const rng = createRng(1993)
const config = { imageSize: 16, patchSize: 8, width: 16, depth: 2, heads: 2 }
const backbone = createVit(config, initVit(config, rng))

/** Flat colours with a little noise: a class is a colour. */
function colours(classes: readonly number[], perClass: number, name: string) {
  const labels = classes.flatMap((label) => Array<number>(perClass).fill(label))
  const pixels = 16 * 16 * 3
  const values = new Float32Array(labels.length * pixels)
  labels.forEach((label, i) => {
    for (let p = 0; p < pixels; p++) values[i * pixels + p] = Math.sin(label * 2 + (p % 3)) + rng.normal() * 0.1
  })
  return arrayImages({ values, size: [16, 16], labels, name })
}

const tasks: Task[] = [0, 1].map((index) => {
  const classes = [2 * index, 2 * index + 1]
  return {
    index,
    classes,
    classesBefore: 2 * index,
    classesAfter: 2 * index + 2,
    train: colours(classes, 8, `task${index}`),
  }
})

const create = () =>
  myMethod.create({
    backbone,
    options: myMethod.options.parse({ epochs: 2, batchSize: 4 }),
    rng: createRng(7),
    plan: { totalClasses: 4, baseClasses: 2, increment: 2 },
  })

const scoresOf = async (learner: ReturnType<typeof create>) => {
  const images = tf.ones<tf.Rank.R4>([3, 16, 16, 3])
  const scores = await learner.score(images)
  const values = Array.from(await scores.data())
  tf.dispose([images, scores])
  return { values, shape: scores.shape }
}

describe('my-method', () => {
  it('scores every class seen so far, and its loss falls', async () => {
    const losses: number[] = []
    const context = createContext({ seed: 7, onProgress: (event) => event.kind === 'step' && losses.push(event.loss) })
    const learner = create()
    for (const task of tasks) {
      losses.length = 0
      await learner.learn(task, context(task))
      expect((await scoresOf(learner)).shape).toEqual([3, task.classesAfter])
      expect(losses.at(-1)).toBeLessThan(losses[0]!)
    }
    learner.dispose()
  })

  it('goes on from a saved state exactly as it would have without', async () => {
    const straight = create()
    const stopped = create()
    const [first, second] = [tasks[0]!, tasks[1]!]
    const straightContext = createContext({ seed: 7 })
    await straight.learn(first, straightContext(first))
    await straight.learn(second, straightContext(second))
    await stopped.learn(first, createContext({ seed: 7 })(first))
    const resumed = create()
    resumed.restore(stopped.state())
    await resumed.learn(second, createContext({ seed: 7 })(second))
    expect(await scoresOf(resumed)).toEqual(await scoresOf(straight))
    for (const learner of [straight, stopped, resumed]) learner.dispose()
  })

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    const learner = create()
    await learner.learn(tasks[0]!, createContext({ seed: 7 })(tasks[0]!))
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
