import type { Experiment, LearnEvent, Loaded, OnPreparing, OwnedRun, RunMetrics } from '@pilotjs/experiment'
import { learnRun } from '@pilotjs/experiment'
import type { Display } from '../terminal/display'
import { createDisplay } from '../terminal/create-display'
import { counted } from '../terminal/marks'
import type { Result } from '../terminal/results-table'
import type { Terminal } from '../terminal/terminal'
import type { TrackerChoice } from './trackers'
import { followWith } from './trackers'

/** A run that is made and locked, and not begun or not ended. */
export interface OpenRun {
  readonly name: string
  readonly run: OwnedRun
  /** Of which package the method is. */
  readonly method: Pick<Loaded<'method'>, 'package' | 'version'>
  prepare(): Promise<Experiment>
}

export interface Outcome {
  readonly results: readonly Result[]
  /** Runs that went wrong, and why. */
  readonly failures: readonly { readonly name: string; readonly error: unknown }[]
}

/**
 * Runs one after the other, each with a line of its own. A run that goes wrong doesn't keep the next from starting; Ctrl-C does.
 * All runs are released at the end.
 * @param trackers follow every run; none of them makes one fail or wait
 * @throws the signal's reason when stopped
 */
export async function runAll(
  runs: readonly OpenRun[],
  terminal: Terminal,
  onDisplay: (display: Display) => void,
  trackers: readonly TrackerChoice[] = [],
): Promise<Outcome> {
  const display = createDisplay(
    terminal,
    runs.map(({ name }) => name),
  )
  onDisplay(display)
  const results: Result[] = []
  const failures: { name: string; error: unknown }[] = []
  try {
    for (const { name, run, method, prepare } of runs) {
      terminal.signal.throwIfAborted()
      let begun = false
      try {
        const experiment = await prepare()
        begun = true
        display.begin(
          name,
          run.records.map(({ accuracy }, task) => ({ accuracy, ...run.costs[task]! })),
        )
        const note = (message: string) => display.event(name, { kind: 'note', message })
        const following = await followWith(trackers, run.path, terminal.cwd, note)
        const settings = { signal: terminal.signal, method, onLogged: following?.take }
        const metrics = await follow(learnRun(run, experiment, settings), (event) =>
          display.event(name, event),
        ).finally(() => following?.close())
        results.push({ name, path: run.path, config: run.config, metrics })
        display.end(name, metrics)
      } catch (error) {
        if (terminal.signal.aborted) {
          display.fail(name, `stopped with ${counted(run.records.length, 'task')} saved`)
          throw terminal.signal.reason
        }
        const message = error instanceof Error ? error.message : String(error)
        failures.push({ name, error })
        // Of a single run the message stands at the end, and once is enough.
        display.fail(name, runs.length > 1 ? message : `failed${begun ? ` in task ${run.records.length + 1}` : ''}`)
      }
    }
  } finally {
    display.close()
    for (const { run } of runs) await run.release()
  }
  return { results, failures }
}

async function follow(
  events: AsyncGenerator<LearnEvent, RunMetrics, undefined>,
  show: (event: LearnEvent) => void,
): Promise<RunMetrics> {
  for (;;) {
    const { done, value } = await events.next()
    if (done) return value
    show(value)
  }
}

/** Shows preparations on whichever display there is by then. */
export function preparationRelay() {
  let display: Display | undefined
  const onPreparing: OnPreparing = (what, done, total) => display?.preparing(what, done, total)
  return { onPreparing, attach: (shown: Display) => void (display = shown) }
}
