// Stands in for worker.js and teammate.js: what happens to it when it has something to do is said by the profile option.
import { workerData } from 'node:worker_threads'

const { port, signals, pulse, options } = workerData
// a teammate reports for work
if (options.part) {
  Atomics.add(signals, 1, 1)
  Atomics.notify(signals, 1)
}
port.on('message', () => {
  if (options.profile === 'exit') process.exit(3)
  if (options.profile === 'throw') throw new Error('out of luck')
  if (options.profile === 'sleep') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  pulse.held.unref()
})
