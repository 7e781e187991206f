import { availableParallelism, totalmem } from 'node:os'
import type { Device } from '../device'
import { OnnxError } from '../errors'
import { type OnnxOptions, commonDefaults, sharesOf } from '../options'
import { LocalDevice } from './local-device'
import { WorkerDevice } from './worker-device'

function threadsFromEnvironment(): number | undefined {
  const text = process.env.PILOT_THREADS
  if (text === undefined || text === '') return undefined
  const threads = Number(text)
  if (Number.isInteger(threads) && threads > 0) return threads
  throw new OnnxError('bad-option', `PILOT_THREADS must be a positive integer, not '${text}'.`)
}

/** Memory that this process can have, in bytes: the machine's, or what a container's limit leaves of it. */
export function machineMemory(): number {
  const limit = process.constrainedMemory()
  // Without a limit some systems answer 0, others a number past all memory.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Graphs run in onnxruntime-node. */
export const nodeRuntime = {
  defaults: (memoryBytes = machineMemory() / 2): OnnxOptions => ({
    ...commonDefaults,
    ...sharesOf(memoryBytes),
    threads: threadsFromEnvironment() ?? availableParallelism(),
    executionProviders: ['cpu'],
  }),
  createDevice: (options: OnnxOptions): Device =>
    (options.worker && WorkerDevice.create(options)) || new LocalDevice(options),
}
