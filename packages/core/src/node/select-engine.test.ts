import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { registerAnew } from '../engine/engines'
import { memoryBudget } from '../engine/memory-budget'
import { selectEngine } from './select-engine'

afterEach(() => vi.unstubAllEnvs())

describe('selectEngine in Node', () => {
  it('lets PILOT_ENGINE stand in for auto, but not for a choice', async () => {
    vi.stubEnv('PILOT_ENGINE', 'cpu')
    expect((await selectEngine()).engine).toBe('cpu')
    expect(tf.getBackend()).toBe('cpu')
    vi.stubEnv('PILOT_ENGINE', 'no-such-engine')
    expect((await selectEngine('cpu')).engine).toBe('cpu')
    await expect(selectEngine('auto')).rejects.toThrow(/"no-such-engine" is not known.*PILOT_ENGINE/)
  })

  it('refuses a thread count that is none', async () => {
    await expect(selectEngine('cpu', { threads: 0 })).rejects.toThrow(/threads must be a whole number above 0, got "0"/)
    vi.stubEnv('PILOT_THREADS', 'many')
    await expect(selectEngine('cpu')).rejects.toThrow(/got "many"/)
  })

  it('counts on the memory that PILOT_MEMORY names', async () => {
    vi.stubEnv('PILOT_MEMORY', '3GB')
    await selectEngine('cpu')
    expect(memoryBudget()).toBe(3 * 2 ** 30)
    await selectEngine('cpu', { memory: 2 ** 30 })
    expect(memoryBudget()).toBe(2 ** 30)
    vi.stubEnv('PILOT_MEMORY', 'all')
    await expect(selectEngine('cpu')).rejects.toThrow(/such as 4GB or 512MB.*got "all"/)
    vi.stubEnv('PILOT_MEMORY', '')
    await selectEngine('cpu')
    expect(memoryBudget()).toBe(2 ** 31)
  })

  it('tries another after a provider that is not there', async () => {
    await selectEngine('onnx')
    await selectEngine('cpu')
    // As in a process that has computed nothing yet.
    registerAnew('onnx', tf.engine().registryFactory.onnx)
    await expect(selectEngine('onnx:nowhere')).rejects.toThrow(/engine "onnx:nowhere" does not start.*'nowhere'/)
    expect(await selectEngine('onnx')).toMatchObject({ engine: 'onnx', backend: 'onnx' })
    await selectEngine('cpu')
  })

  it('hands the thread count to every native engine', async () => {
    for (const name of ['PILOT_THREADS', 'TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS']) vi.stubEnv(name, undefined)
    await selectEngine('cpu', { threads: 3 })
    expect(process.env.PILOT_THREADS).toBe('3')
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBe('3')
    expect(process.env.OMP_NUM_THREADS).toBe('3')
  })
})
