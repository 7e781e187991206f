import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { withOnnxProvider } from './onnx-provider'

const { registry } = tf.engine()
const before = registry.onnx
afterEach(() => {
  if (before) registry.onnx = before
  else delete registry.onnx
})

/** What the engine is told when `choice` is loaded, by a package that only listens. */
async function told(choice: string, running?: string): Promise<readonly string[][]> {
  if (running === undefined) delete registry.onnx
  else registry.onnx = { stats: () => ({ provider: running }) } as never
  const heard: string[][] = []
  const load = () =>
    Promise.resolve({
      configureOnnx: ({ executionProviders }: { executionProviders: readonly string[] }) => {
        heard.push([...executionProviders])
      },
    })
  for (const candidate of withOnnxProvider(choice, [], load, ['cpu'])) await candidate.load()
  return heard
}

describe('onnx:PROVIDER', () => {
  it('asks for the provider, and for the processor where that has no operation', async () => {
    expect(await told('onnx:webgpu')).toEqual([['webgpu', 'cpu']])
    expect(await told('onnx:cpu')).toEqual([['cpu']])
  })

  it('takes an engine that computes with it already, and refuses another', async () => {
    expect(await told('onnx:cuda', 'cuda')).toEqual([])
    await expect(told('onnx:cuda', 'cpu')).rejects.toThrow('onnx computes with cpu already')
  })

  it('is no other engine', async () => {
    expect(await told('onnx')).toEqual([])
    expect(await told('wasm')).toEqual([])
  })
})
