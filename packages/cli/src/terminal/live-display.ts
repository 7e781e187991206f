import { createLogUpdate } from 'log-update'
import type { Display } from './display'
import { harmless, oneLine } from './harmless'
import { bar, clock, sparkline, stripped } from './marks'
import type { RunProgress } from './run-progress'
import { followRun } from './run-progress'
import type { Terminal } from './terminal'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Milliseconds between two pictures. */
const PACE = 100

const seconds = () => performance.now() / 1000

/** One line a run, redrawn in place: what waits, what goes on (with bar, epoch, loss and time left), what is done. */
export function liveDisplay(terminal: Terminal, runs: readonly string[]): Display {
  const { colors: c } = terminal
  const update = createLogUpdate(process.stderr)
  const width = Math.max(0, ...runs.map(({ length }) => length))
  const lines = new Map<string, () => string>(runs.map((run) => [run, () => c.dim(`  ${run}`)]))
  const following = new Map<string, ReturnType<typeof followRun>>()
  let preparing: (() => string) | undefined
  /** Shown above the runs, and kept. */
  const notes: string[] = []
  let picture = 0

  const draw = () => {
    picture++
    const shown = [
      ...notes.map(c.dim),
      ...(preparing ? [preparing()] : []),
      ...[...lines.values()].map((line) => line()),
    ]
    update(harmless(shown.join('\n')))
  }
  // The timer must not keep a process alive that has nothing left to do.
  const timer = setInterval(draw, PACE).unref()

  const spinner = () => c.cyan(SPINNER[picture % SPINNER.length]!)
  const going = (run: string, began: number) => {
    const { task, tasks, activity, epoch, loss, curve, fraction, left } = following.get(run)!.state()
    if (terminal.signal.aborted)
      return `${spinner()} ${c.bold(run.padEnd(width))}  stopping … ${c.dim('(Ctrl-C again: at once)')}`
    const parts = [
      `${spinner()} ${c.bold(run.padEnd(width))}`,
      tasks > 0 ? `task ${String(task + 1).padStart(String(tasks).length)}/${tasks}` : 'starting',
      progressBar(fraction),
      activityOf(activity, epoch),
      loss === undefined ? '' : `loss ${loss.toFixed(4)}`,
      left === undefined ? clock(seconds() - began) : `ETA ${clock(left)}`,
      c.cyan(sparkline(curve)),
    ]
    return joinWithin(parts, terminal.columns)
  }
  const progressBar = (fraction: number) => {
    const { done, left } = bar(fraction, terminal.columns >= 110 ? 24 : 14)
    return c.cyan(done) + c.dim(left)
  }

  return {
    preparing(what, done, total) {
      preparing = () => `${spinner()} ${oneLine(what)}  ${total > 0 ? `${Math.floor((100 * done) / total)} %` : ''}`
    },
    begin(run, earlier) {
      preparing = undefined
      const began = seconds()
      following.set(run, followRun(earlier, seconds))
      lines.set(run, () => going(run, began))
    },
    event(run, event) {
      following.get(run)!.take(event)
      if (event.kind === 'note') notes.push(`${run}: ${oneLine(event.message)}`)
    },
    end(run, { summary, costs }) {
      const time = costs.reduce((sum, { learnSeconds, scoreSeconds }) => sum + learnSeconds + scoreSeconds, 0)
      const text = summary
        ? joinWithin(
            [
              `${c.green('✔')} ${c.bold(run.padEnd(width))}`,
              `average ${summary.averageIncrementalAccuracy.toFixed(2).padStart(6)} %`,
              `last ${summary.lastAccuracy.toFixed(2).padStart(6)} %`,
              c.dim(clock(time).padStart(5)),
              c.cyan(sparkline(summary.curve)),
            ],
            terminal.columns,
          )
        : `${c.green('✔')} ${run}`
      lines.set(run, () => text)
      draw()
    },
    fail(run, message) {
      lines.set(run, () => `${c.red('✖')} ${c.bold(run.padEnd(width))}  ${oneLine(message)}`)
      draw()
    },
    close() {
      clearInterval(timer)
      preparing = undefined
      draw()
      update.done()
    },
  }
}

function activityOf(activity: string, epoch: RunProgress['epoch']): string {
  return epoch ? `${activity} ${epoch.at + 1}/${epoch.of}` : activity
}

/** As many parts as the line holds; colours take no room. */
function joinWithin(parts: readonly string[], columns: number): string {
  let text = ''
  let used = 0
  for (const part of parts.filter(Boolean)) {
    const { length } = stripped(part)
    if (used + length + 2 > columns) break
    text += (text ? '  ' : '') + part
    used += length + 2
  }
  return text
}
