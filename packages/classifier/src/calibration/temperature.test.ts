import { createRng } from '@pilotjs/core/random'
import { describe, expect, it } from 'vitest'
import { chooseThreshold, topScores, unknownOf } from './novelty'
import { fitTemperature, probabilitiesOf } from './temperature'

const classes = 5

/** Images whose labels are drawn with the probabilities that their scores have at a temperature. */
function drawn(temperature: number, count: number) {
  const rng = createRng(3)
  const scores = Float32Array.from(rng.normals(count * classes, 0, 3))
  const probabilities = probabilitiesOf(scores, classes, temperature)
  const labels = Array.from({ length: count }, (_, image) => {
    let left = rng.int(1e6) / 1e6
    for (let label = 0; label < classes; label++) {
      left -= probabilities[image * classes + label]!
      if (left < 0) return label
    }
    return classes - 1
  })
  return { scores, classes, labels }
}

describe('fitTemperature', () => {
  it.each([0.3, 1, 4])('finds the temperature %d that labels were drawn with', (temperature) => {
    expect(fitTemperature(drawn(temperature, 4000)) / temperature).toBeCloseTo(1, 1)
  })

  it('does not depend on the scale of scores but for its own', () => {
    const images = drawn(1, 500)
    const larger = { ...images, scores: images.scores.map((score) => score * 1000 + 7) }
    expect(fitTemperature(larger) / fitTemperature(images) / 1000).toBeCloseTo(1, 2)
  })

  it('stays short of certainty where a handful of images are all named right', () => {
    const right = (count: number) => ({
      scores: Float32Array.from({ length: count * classes }, (_, i) => (i % classes === 0 ? 1 : 0)),
      classes,
      labels: Array.from({ length: count }, () => 0),
    })
    const sure = (count: number) => probabilitiesOf(right(1).scores, classes, fitTemperature(right(count)))[0]!
    expect(sure(3)).toBeCloseTo(1 - 1 / 5, 2)
    expect(sure(98)).toBeCloseTo(1 - 1 / 100, 2)
  })

  it('is 1 where there is nothing to tell by', () => {
    expect(fitTemperature({ scores: new Float32Array(), classes, labels: [] })).toBe(1)
    expect(fitTemperature({ scores: Float32Array.of(3), classes: 1, labels: [0] })).toBe(1)
    expect(fitTemperature({ scores: new Float32Array(5), classes, labels: [0] })).toBe(1)
  })
})

describe('chooseThreshold', () => {
  it('draws the line between images with their own class and without', () => {
    const scores = Float32Array.of(0.9, 0.1, 0.2, 0.3, 0.8, 0.2, 0.1, 0.2, 0.7)
    expect(chooseThreshold({ scores, classes: 3, labels: [0, 1, 2] })).toBeCloseTo(0.5, 6)
    expect(topScores(scores, 3)).toEqual([0.9, 0.8, 0.7].map(Math.fround))
    expect(unknownOf(0.5, 0.5, 0.1)).toBe(0.5)
    expect(unknownOf(0.9, 0.5, 0.1)).toBeLessThan(0.05)
    expect(unknownOf(0.2, 0.5, 0.1)).toBeGreaterThan(0.9)
  })

  it('refuses nothing that it was told of, with one class, and nothing at all without images', () => {
    const scores = Float32Array.of(0.9, 0.4, 0.7)
    expect(chooseThreshold({ scores, classes: 1, labels: [0, 0, 0] })).toBeCloseTo(0.4, 6)
    expect(chooseThreshold({ scores: new Float32Array(), classes: 3, labels: [] })).toBeNull()
    expect(unknownOf(-5, null, 1)).toBe(0)
  })
})
