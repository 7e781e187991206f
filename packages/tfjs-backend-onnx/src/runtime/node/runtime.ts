import { availableParallelism } from 'node:os'
import type { Device } from '../device'
import { OnnxError } from '../errors'
import { type OnnxOptions, commonDefaults } from '../options'
import { LocalDevice } from './local-device'
import { WorkerDevice } from './worker-device'

function threadsFromEnvironment(): number | undefined {
  const text = process.env.PILOT_THREADS
  if (text === undefined || text === '') return undefined
  const threads = Number(text)
  if (Number.isInteger(threads) && threads > 0) return threads
  throw new OnnxError('bad-option', `PILOT_THREADS must be a positive integer, not '${text}'.`)
}

/** Graphs run in onnxruntime-node. */
export const nodeRuntime = {
  defaults: (): OnnxOptions => ({
    ...commonDefaults,
    threads: threadsFromEnvironment() ?? availableParallelism(),
    executionProviders: ['cpu'],
  }),
  createDevice: (options: OnnxOptions): Device =>
    (options.worker && WorkerDevice.create(options)) || new LocalDevice(options),
}
