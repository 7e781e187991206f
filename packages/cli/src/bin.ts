#!/usr/bin/env node
import { EXIT, main } from './main'
import { processTerminal } from './terminal/terminal'
import { Interrupted } from './usage-error'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The second time somebody means it: saved tasks are whole on disk at any moment.
    if (stop.signal.aborted) process.exit(EXIT.failed)
    process.stderr.write('\nstopping … (Ctrl-C again: at once)\n')
    stop.abort(new Interrupted())
  })

process.exitCode = await main(process.argv.slice(2), processTerminal(stop.signal))
// Engines keep worker threads that would keep the process.
process.exit()
