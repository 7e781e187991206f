import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { SessionOptions } from '../device'
import { OnnxError } from '../errors'
import { nodeRuntime } from './runtime'
import { WorkerDevice } from './worker-device'

const thread = new URL('../../testing/failing-thread.mjs', import.meta.url)
const source = {
  model: new Uint8Array(0),
  inputs: [],
  outputs: [],
  constants: [],
  movesTransposes: false,
  isSmall: true,
  givesMemoryBack: false,
}

/** A device whose thread does what `fate` says as soon as it is told anything. */
function doomed(fate: string, patience = 600_000): WorkerDevice {
  const options = { ...nodeRuntime.defaults(), patience, profile: fate } as unknown as SessionOptions
  return WorkerDevice.create(options, thread)!
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof OnnxError) return error.code
    throw error
  }
  return 'none'
}

describe('a thread that ends', () => {
  it.each(['exit', 'throw'])('is an error of the reads that wait for it (%s)', async (fate) => {
    const device = doomed(fate)
    device.build(1, source)
    for (let run = 0; run < 5; run++) device.run(1, [], [10 + run])
    expect(codeOf(() => device.readSync(10))).toBe('thread-ended')
    await expect(device.read(11)).rejects.toMatchObject({ code: 'thread-ended' })
    device.close()
  })

  it('is one of reads that wait while the event loop turns', async () => {
    await expect(doomed('throw').read(1)).rejects.toMatchObject({ code: 'thread-ended' })
  })

  it('is one of every read that comes later, and no wait at the end of the process', () => {
    const before = process.listenerCount('exit')
    const device = doomed('exit')
    expect(process.listenerCount('exit')).toBe(before + 1)
    expect(codeOf(() => device.readSync(1))).toBe('thread-ended')
    expect(codeOf(() => device.readSync(2))).toBe('thread-ended')
    expect(process.listenerCount('exit')).toBe(before)
  })
})

describe('a thread that does not answer', () => {
  it('is given up after the time that the option patience names', () => {
    expect(codeOf(() => doomed('sleep', 300).readSync(1))).toBe('thread-silent')
  })
})

describe('a process that ends', () => {
  it('waits for what the thread is at, not for what it has not begun', () => {
    // The built package, as users have it: a queue of runs is left behind.
    const entry = fileURLToPath(new URL('../../../dist/index.js', import.meta.url))
    const program = `
      import * as tf from '@tensorflow/tfjs-core'
      import { flush } from ${JSON.stringify(entry)}
      await tf.setBackend('onnx')
      for (let i = 0; i < 3; i++) { tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])).data(); flush() }
      process.exit(7)
    `
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    expect([status, signal]).toEqual([7, null])
  })
})
