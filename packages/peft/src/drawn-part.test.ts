import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { drawnPart } from './drawn-part'

describe('drawnPart', () => {
  it('keeps what was drawn, and nothing that was needed for it', () => {
    const before = tf.memory().numTensors
    const part = drawnPart(() => ({ weight: tf.add(tf.ones([2, 3]), 1), bias: tf.zeros([3]) }))
    expect(tf.memory().numTensors).toBe(before + 2)
    const { weight, bias } = part.variables()
    expect(Array.from(weight!.dataSync())).toEqual([2, 2, 2, 2, 2, 2])
    expect(bias!.shape).toEqual([3])
    tf.tidy(() => part.restore({ weight: tf.zeros([2, 3]), bias: tf.ones([3]) }, undefined))
    expect(Array.from(part.variables().bias!.dataSync())).toEqual([1, 1, 1])
    part.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('may be drawn inside a tidy, as when a task adds a module', () => {
    const before = tf.memory().numTensors
    const parts: ReturnType<typeof drawnPart>[] = []
    tf.tidy(() => {
      parts.push(drawnPart(() => ({ weight: tf.ones([2]) })))
    })
    expect(Array.from(parts[0]!.variables().weight!.dataSync())).toEqual([1, 1])
    parts[0]!.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
