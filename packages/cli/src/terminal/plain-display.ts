import type { Display } from './display'
import { clock, counted } from './marks'
import { followRun } from './run-progress'
import type { Terminal } from './terminal'

const seconds = () => performance.now() / 1000

/** A line for whatever is worth a line: each epoch, each scored task, the end. */
export function plainDisplay(terminal: Terminal, runs: readonly string[]): Display {
  const width = Math.max(0, ...runs.map(({ length }) => length))
  const say = (run: string, text: string) => terminal.err(`${run.padEnd(width)}  ${text}`)
  const began = new Map<string, number>()
  const following = new Map<string, ReturnType<typeof followRun>>()
  let prepared = ''

  return {
    preparing(what) {
      if (what !== prepared) terminal.err(`${what} …`)
      prepared = what
    },
    begin(run, earlier) {
      began.set(run, seconds())
      following.set(run, followRun(earlier, seconds))
      say(run, earlier.length > 0 ? `goes on after ${counted(earlier.length, 'saved task')}` : 'begins')
    },
    event(run, event) {
      const progress = following.get(run)!
      if (event.kind === 'note') return say(run, event.message)
      progress.take(event)
      const place = `task ${event.task + 1}/${progress.state().tasks}`
      if (event.kind === 'learning' && event.event.kind === 'step') {
        const { epoch, epochs, step, stepsPerEpoch, loss } = event.event
        if (step !== stepsPerEpoch - 1) return
        const { left } = progress.state()
        say(
          run,
          `${place}  epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}${left === undefined ? '' : `  ETA ${clock(left)}`}`,
        )
      } else if (event.kind === 'learning' && event.event.kind === 'note') {
        say(run, `${place}  ${event.event.message}`)
      } else if (event.kind === 'scored') {
        const { classesAfter, accuracy } = event.record
        const time = event.cost.learnSeconds + event.cost.scoreSeconds
        say(run, `${place}  accuracy ${accuracy.toFixed(2)} % on ${classesAfter} classes  (${time.toFixed(1)} s)`)
      }
    },
    end(run, { summary }) {
      const result = summary
        ? `average ${summary.averageIncrementalAccuracy.toFixed(2)} %, last ${summary.lastAccuracy.toFixed(2)} %`
        : 'no task'
      say(run, `done in ${clock(seconds() - began.get(run)!)}: ${result}`)
    },
    fail: (run, message) => say(run, message),
    close: () => undefined,
  }
}
