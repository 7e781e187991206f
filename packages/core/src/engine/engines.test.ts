import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { EngineError, startEngine } from './engines'
import type { EngineCandidate } from './engines'
import { selectEngine } from './select-engine'

const missing = (name: string): EngineCandidate => ({
  name,
  backend: name,
  packageName: `engine-of-${name}`,
  load: () => Promise.reject(new Error(`Cannot find package 'engine-of-${name}' imported from here`)),
})
const cpu = (name: string, drawback?: string): EngineCandidate => ({
  name,
  backend: 'cpu',
  packageName: '@tensorflow/tfjs-backend-cpu',
  load: () => Promise.resolve(),
  drawback: () => drawback,
})

describe('startEngine', () => {
  it('auto passes over what is not installed and says why', async () => {
    const selection = await startEngine('auto', [missing('fast'), cpu('slow')], ['fast', 'slow'])
    expect(selection).toEqual({
      engine: 'slow',
      backend: 'cpu',
      passedOver: [
        { engine: 'fast', reason: 'engine "fast" needs the package engine-of-fast: npm install engine-of-fast' },
      ],
    })
  })

  it('auto takes an engine with a drawback only when nothing better is there', async () => {
    const candidates = [cpu('gpu', 'no device'), cpu('plain'), missing('other')]
    expect((await startEngine('auto', candidates, ['gpu', 'plain'])).engine).toBe('plain')
    expect((await startEngine('auto', candidates, ['gpu', 'other'])).engine).toBe('gpu')
  })

  it('names the remedy when a chosen engine is missing, broken, unwilling or unknown', async () => {
    const broken: EngineCandidate = { ...cpu('broken'), load: () => Promise.reject(new Error('bad magic number')) }
    const unwilling: EngineCandidate = { ...cpu('unwilling'), backend: 'not-registered' }
    const candidates = [missing('fast'), broken, unwilling]
    await expect(startEngine('fast', candidates, [])).rejects.toThrow('npm install engine-of-fast')
    await expect(startEngine('broken', candidates, [])).rejects.toThrow(/installed but does not load: bad magic number/)
    await expect(startEngine('unwilling', candidates, [])).rejects.toThrow(/"unwilling" does not start/)
    await expect(startEngine('fats', candidates, [])).rejects.toThrow(/"fats" is not known; choose auto, fast, broken/)
    await expect(startEngine('auto', candidates, ['broken', 'fast'])).rejects.toBeInstanceOf(EngineError)
    await expect(startEngine('auto', candidates, ['broken', 'fast'])).rejects.toThrow(/npm install engine-of-fast/)
  })
})

describe('selectEngine of the portable part', () => {
  it('starts the cpu engine and asks for a package that is not there', async () => {
    expect(await selectEngine('cpu')).toEqual({ engine: 'cpu', backend: 'cpu', passedOver: [] })
    await expect(selectEngine('wasm')).rejects.toThrow('npm install @tensorflow/tfjs-backend-wasm')
  })
})
