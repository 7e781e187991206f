#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { nodeTooOld } from './require-node'

const tooOld = nodeTooOld(process.versions.node)
if (tooOld !== undefined) {
  process.stderr.write(`${tooOld}\n`)
  process.exit(1)
}
// A run's own thread hardly allocates, and V8 therefore lets its heap of some 30 MB grow by a third only: a full collection every
// 400 ms, which four of V8's threads help with, was a tenth of a simplecil run's CPU time. Up to twice costs 20 MB.
setFlagsFromString('--heap-growing-percent=100')
// Only now: what is imported here may use what an older Node does not have.
const { EXIT, main } = await import('./main')
const { processTerminal } = await import('./terminal/terminal')
const { Interrupted } = await import('./usage-error')

// Whoever reads the output may leave first (`pilot list methods | head`): no more than the end of the work. What a run has saved
// is whole.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.failed)
  })

const stop = new AbortController()
const terminal = processTerminal(stop.signal)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The second time somebody means it: saved tasks are whole on disk at any moment.
    if (stop.signal.aborted) process.exit(EXIT.failed)
    // A live display says so itself: a line of ours would tear it apart.
    if (!terminal.live) terminal.err('stopping … (once more: at once)')
    stop.abort(new Interrupted())
  })

process.exitCode = await main(process.argv.slice(2), terminal)
// Engines keep worker threads that would keep the process.
process.exit()
