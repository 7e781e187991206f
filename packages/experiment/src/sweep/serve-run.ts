import type { Registry, RegistryOptions } from '../registry/registry'
import { createRegistry } from '../registry/registry'
import type { FromChild, ToChild } from './child-messages'
import { learnSweepRun } from './learn-sweep-run'
import { sentError } from './sent-error'
import type { RunSaved } from './sweep-run'

/**
 * The inside of a process that computes one run of a sweep, told by messages from the process that began it; ends the process
 * afterwards.
 * @param makeRegistry where its methods, backbones and data sets come from
 */
export function serveRun(makeRegistry: (options: RegistryOptions) => Registry = createRegistry): void {
  const stop = new AbortController()
  const send = (message: FromChild) =>
    new Promise<void>((sent) => (process.connected ? process.send!(message, () => sent()) : sent()))

  /** Waits until whoever began the run has dealt with what was saved. */
  const saved = async (what: RunSaved) => {
    await new Promise<void>((goOn, end) => {
      const listen = (message: ToChild) => {
        if (message.kind === 'run') return
        process.off('message', listen)
        if (message.kind === 'go on') goOn()
        else end(new Error('stopped'))
      }
      process.on('message', listen)
      void send({ kind: 'saved', saved: what })
    })
  }

  // Ctrl-C reaches every process of a terminal; whoever began this one decides what it means.
  process.on('SIGINT', () => undefined)
  // Nobody is left who wants the run, or there is one who will begin it again: saved tasks are whole at any moment.
  process.on('disconnect', () => process.exit(1))
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') return stop.abort(new Error('stopped'))
    if (message.kind === 'go on') return
    const { run, out, cwd, bundled, features, fence } = message
    learnSweepRun(run, {
      out,
      registry: makeRegistry({ cwd, bundled }),
      features,
      fence,
      signal: stop.signal,
      onNews: (news) => void send({ kind: 'news', news }),
      onSaved: saved,
    })
      .then(
        () => send({ kind: 'ended' }),
        (error: unknown) => send({ kind: 'ended', error: sentError(error) }),
      )
      // Engines keep threads that would keep the process.
      .finally(() => process.exit(0))
  })
}
