import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { refined } from './refined'

const best = (values: readonly number[]) => values.indexOf(Math.max(...values))

/** One image after the other, as the paper has it. */
function oneByOne(scores: number[][], guess: number[], taskOf: readonly number[]): number[] {
  let task = taskOf[best(guess)]!
  for (let round = 1; ; round++) {
    const found = scores[task]!
    const next = taskOf[best(found)]!
    if (next === task || round === 4) return found
    task = next
  }
}

it('ends where guess and prediction agree, or after four looks', () => {
  const taskOf = [0, 0, 1, 2, 2, 3, 4, 5]
  const [images, tasks, classes] = [60, 6, taskOf.length]
  const before = tf.memory().numTensors
  const rng = createRng(1)
  // Features are the scores themselves.
  const values = Array.from({ length: images }, () =>
    Array.from({ length: tasks }, () => Array.from(rng.normals(classes, 0, 1))),
  )
  const guesses = Array.from({ length: images }, () => Array.from(rng.normals(classes, 0, 1)))
  const found = tf.tidy(() =>
    refined({
      features: tf.tensor2d(values.map((own) => own.flat())),
      guess: tf.tensor2d(guesses),
      taskOf,
      score: (features) => features,
    }).arraySync(),
  )
  found.forEach((row, image) => {
    oneByOne(values[image]!, guesses[image]!, taskOf).forEach((value, i) => expect(row[i]).toBeCloseTo(value, 5))
  })
  expect(tf.memory().numTensors).toBe(before)
})
