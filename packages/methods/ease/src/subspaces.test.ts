import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { completePrototypes, replaceBlock, subspaceScores } from './subspaces'
import type { SubspaceTable } from './subspaces'

const width = 3
const taskSizes = [2, 1, 2]
const classes = 5

/** A table with random prototypes where a class has images: its own subspace, and (offset 1) the pre-trained network's. */
function table(offset: number): SubspaceTable & { rows: number[][] } {
  const subspaces = taskSizes.length + offset
  const values = createRng(1).normals(classes * subspaces * width, 0, 1)
  const prototypes = tf.tensor2d(values, [classes, subspaces * width])
  return { prototypes, taskSizes, width, offset, rows: prototypes.arraySync() }
}

const taskOf = [0, 0, 1, 2, 2]
const part = (row: number[], subspace: number) => row.slice(subspace * width, (subspace + 1) * width)
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

/** The paper's formula, class by class. */
function mixed(rows: number[][], label: number, own: number, later: number, from: number): number[] {
  const newer = rows.map((_, other) => other).filter((other) => taskOf[other]! >= from)
  const weights = newer.map((other) => Math.exp(cosine(part(rows[label]!, own), part(rows[other]!, own))))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return Array.from({ length: width }, (_, i) =>
    newer.reduce((sum, other, j) => sum + (weights[j]! / total) * part(rows[other]!, later)[i]!, 0),
  )
}

describe.each([0, 1])('completePrototypes, %i subspaces without a task', (offset) => {
  it('mixes newer prototypes by their similarity in the class’ own subspace', () => {
    tf.tidy(() => {
      const given = table(offset)
      const completed = completePrototypes(given, true).arraySync()
      for (let label = 0; label < classes; label++)
        for (let subspace = 0; subspace < 3 + offset; subspace++) {
          const later = subspace - offset
          const missing = later > taskOf[label]!
          const expected = missing
            ? mixed(given.rows, label, taskOf[label]! + offset, subspace, later)
            : part(given.rows[label]!, subspace)
          part(completed[label]!, subspace).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
        }
    })
  })

  it('leaves all but the newest subspace alone, if asked', () => {
    tf.tidy(() => {
      const given = table(offset)
      const completed = completePrototypes(given, false).arraySync()
      expect(part(completed[0]!, 1 + offset)).toEqual(part(given.rows[0]!, 1 + offset))
      const expected = mixed(given.rows, 0, offset, 2 + offset, 2)
      part(completed[0]!, 2 + offset).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
    })
  })
})

describe('replaceBlock', () => {
  it('changes the rows of one subspace only', () => {
    tf.tidy(() => {
      const given = table(0)
      const replaced = replaceBlock(given, 1, 2, tf.ones([2, width])).arraySync()
      replaced.forEach((row, label) =>
        row.forEach((value, i) => {
          const inside = (label === 2 || label === 3) && i >= 3 && i < 6
          expect(value).toBe(inside ? 1 : given.rows[label]![i])
        }),
      )
    })
  })
})

describe('subspaceScores', () => {
  it('weighs a class’ own subspace by 1, the others by alpha in all, the pre-trained by beta', () => {
    tf.tidy(() => {
      const given = table(1)
      const features = createRng(2).normals(2 * 4 * width, 0, 1)
      const tensor = tf.tensor2d(features, [2, 4 * width])
      const scores = subspaceScores(tensor, given, { others: 0.4, pretrained: 0.7 }).arraySync()
      tensor.arraySync().forEach((image, i) =>
        given.rows.forEach((row, label) => {
          const expected = [0, 1, 2, 3].reduce((sum, subspace) => {
            const weight = subspace === 0 ? 0.7 : subspace - 1 === taskOf[label] ? 1 : 0.4 / 2
            return sum + weight * cosine(part(image, subspace), part(row, subspace))
          }, 0)
          expect(scores[i]![label]).toBeCloseTo(expected, 5)
        }),
      )
    })
  })
})
