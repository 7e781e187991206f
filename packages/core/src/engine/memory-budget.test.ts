import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryBudget, parseMemory, setMemoryBudget } from './memory-budget'

afterEach(() => {
  setMemoryBudget(undefined)
  delete (tf.backend() as { memoryBytes?: number }).memoryBytes
})

describe('the memory that a process counts on', () => {
  it('is what the engine says, else what was chosen, else 2 GiB', async () => {
    await tf.setBackend('cpu')
    expect(memoryBudget()).toBe(2 ** 31)
    setMemoryBudget(2 ** 33)
    expect(memoryBudget()).toBe(2 ** 33)
    Object.assign(tf.backend(), { memoryBytes: 2 ** 32 })
    expect(memoryBudget()).toBe(2 ** 32)
  })

  it.each([
    ['4GB', 2 ** 32],
    ['512 MB', 2 ** 29],
    ['1.5g', 1.5 * 2 ** 30],
    ['2GiB', 2 ** 31],
    ['2147483648', 2 ** 31],
  ])('reads %s', (text, bytes) => expect(parseMemory(text)).toBe(bytes))

  it.each(['', 'much', '-1GB', '4', '4 PB', '1e9'])('refuses "%s"', (text) =>
    expect(() => parseMemory(text)).toThrow(/such as 4GB or 512MB.*PILOT_MEMORY/),
  )
})
