import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { EngineError } from './engine-error'
import { startEngine } from './engines'
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

/** A backend that is TensorFlow.js' CPU backend but for one kernel. */
function registerSpoiled(name: string, kernelName: string, kernelFunc: tf.KernelFunc): void {
  const Backend = tf.findBackend('cpu').constructor as new () => tf.KernelBackend
  tf.registerBackend(name, () => new Backend())
  for (const kernel of tf.getKernelsForBackend('cpu'))
    tf.registerKernel({
      ...kernel,
      backendName: name,
      kernelFunc: kernel.kernelName === kernelName ? kernelFunc : kernel.kernelFunc,
    })
}

describe('an engine that starts', () => {
  afterAll(async () => {
    await tf.setBackend('cpu')
    for (const name of ['wrong', 'failing', 'silent']) tf.removeBackend(name)
  })
  const engine = (name: string, more: Partial<EngineCandidate> = {}): EngineCandidate => ({
    name,
    backend: name,
    packageName: `engine-of-${name}`,
    load: () => Promise.resolve(),
    ...more,
  })
  const codeOf = (choice: string, candidate: EngineCandidate) =>
    startEngine(choice, [candidate], [], { deadline: 200 }).then(
      () => 'started',
      (error: unknown) => (error instanceof EngineError ? error.code : error),
    )

  it('is refused where it computes wrong numbers, and passed over by auto', async () => {
    await startEngine('cpu', [cpu('cpu')], [])
    registerSpoiled('wrong', 'Softmax', ({ inputs, backend }) => {
      const { logits } = inputs as { logits: tf.TensorInfo }
      ;(backend as unknown as { incRef(dataId: object): void }).incRef(logits.dataId)
      return logits
    })
    expect(await codeOf('wrong', engine('wrong'))).toBe('engine-computes-wrong')
    const { engine: taken, passedOver } = await startEngine('auto', [engine('wrong'), cpu('cpu')], ['wrong', 'cpu'])
    expect(taken).toBe('cpu')
    expect(passedOver[0]!.reason).toMatch(/"wrong" computes wrong numbers here: 1.00, 2.00/)
  })

  it('is passed over, with the reason, where it cannot compute', async () => {
    registerSpoiled('failing', 'Softmax', () => {
      throw new Error('onnxruntime-node is not installed: npm install it')
    })
    expect(await codeOf('failing', engine('failing'))).toBe('engine-does-not-start')
    const { engine: taken, passedOver } = await startEngine('auto', [engine('failing'), cpu('cpu')], ['failing', 'cpu'])
    expect(taken).toBe('cpu')
    expect(passedOver[0]!.reason).toMatch(/npm install it/)
  })

  it('has a deadline, and a word on what keeps it silent', async () => {
    tf.registerBackend('silent', () => new Promise<never>(() => undefined))
    const silent = engine('silent', { whenSilent: 'its workers sleep' })
    expect(await codeOf('silent', silent)).toBe('engine-silent')
    const start = startEngine('silent', [silent], [], { deadline: 50 })
    await expect(start).rejects.toThrow('"silent" has not computed anything after 0.05 s: its workers sleep')
    // And nothing waits for it any more.
    expect((await startEngine('auto', [silent, cpu('cpu')], ['silent', 'cpu'], { deadline: 50 })).engine).toBe('cpu')
    await tf.ready()
    expect(tf.getBackend()).toBe('cpu')
  })

  it('is not told to be missing where a package of its own is', async () => {
    const error = new Error("Cannot find package 'runtime' imported from /x/node_modules/engine-of-half/index.js")
    const half = engine('half', { load: () => Promise.reject(error) })
    expect(await codeOf('half', half)).toBe('engine-does-not-load')
    expect(await codeOf('gone', missing('gone'))).toBe('engine-not-installed')
    expect(await codeOf('other', half)).toBe('engine-not-known')
  })
})

describe('selectEngine of the portable part', () => {
  it('starts the cpu engine and asks for a package that is not there', async () => {
    expect(await selectEngine('cpu')).toEqual({ engine: 'cpu', backend: 'cpu', passedOver: [] })
    await expect(selectEngine('wasm')).rejects.toThrow('npm install @tensorflow/tfjs-backend-wasm')
  })
})
