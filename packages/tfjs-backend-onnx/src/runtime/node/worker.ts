import { workerData } from 'node:worker_threads'
import type { Command, Reply } from '../commands'
import { packError } from '../errors'
import { count } from './counters'
import { LocalDevice } from './local-device'
import { type WorkerSetup, leaving, messages, replies, runs } from './protocol'
import { beat } from './pulse'

// The worker's side of WorkerDevice: a LocalDevice that takes its commands from a port.

const { port, options, signals, figures, pulse } = workerData as WorkerSetup
const device = new LocalDevice(options)

const signal = (counter: number): void => count(signals, counter)

function reply(answer: Reply): void {
  port.postMessage(answer, 'data' in answer ? [answer.data.buffer as ArrayBuffer] : [])
  signal(replies)
}

function execute(command: Command): void {
  switch (command.kind) {
    case 'write':
      return device.write(command.id, command.data)
    case 'build':
      return device.build(command.program, command.source)
    case 'run':
      device.run(command.program, command.inputs, command.outputs)
      return signal(runs)
    case 'free':
      return device.free(command.ids)
    case 'dispose':
      return device.disposeProgram(command.program)
    case 'read':
      try {
        return reply({ request: command.request, data: device.readSync(command.id) })
      } catch (error) {
        return reply({ request: command.request, error: packError(error) })
      }
    case 'close':
      device.close()
      pulse.held.close()
      return port.close()
  }
}

port.on('message', (commands: Command[]) => {
  for (const command of commands) {
    if (Atomics.load(signals, leaving) !== 0) break
    execute(command)
    beat(pulse)
    const { builds, buildMs, runs: finished, runMs, poolBytes, buffers } = device.stats()
    figures.set([builds, buildMs, finished, runMs, poolBytes, buffers])
  }
  signal(messages)
})
