import { clock, counted } from '../terminal/marks'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import type { SweepDisplay } from './sweep-display'
import { followSweep } from './sweep-progress'

/** A line for whatever is worth a line: each scored task, each run that ends, how far all are. */
export function plainLines(terminal: Terminal): SweepDisplay {
  let follow: ReturnType<typeof followSweep> | undefined
  let prepared = ''
  const overall = () => {
    const { counts, lines, left } = follow!.state()
    const failed = counts.failed > 0 ? `, ${counts.failed} failed` : ''
    return `${counts.done} of ${lines.length} runs done${failed}${left === undefined ? '' : `, ETA ${clock(left)}`}`
  }
  return {
    preparing(what) {
      if (what !== prepared) terminal.err(`${oneLine(what)} …`)
      prepared = what
    },
    begin(runs, how) {
      follow = followSweep(runs)
      terminal.err(`${counted(runs.length, 'run')}, ${how}`)
    },
    event(event) {
      follow!.take(event)
      const say = (text: string) => terminal.err(`${event.run.label}  ${oneLine(text)}`)
      const { tasks } = event.run
      if (event.kind === 'found') {
        if (event.complete) say('is there already')
        else if (event.earlier.length > 0) say(`goes on after ${counted(event.earlier.length, 'saved task')}`)
      } else if (event.kind === 'elsewhere') say(`waits: ${event.reason}`)
      else if (event.kind === 'done') say(`done  (${overall()})`)
      else if (event.kind === 'failed') {
        const { error } = event
        say(`failed: ${error instanceof Error ? error.message : String(error)}  (${overall()})`)
      } else if (event.kind === 'news') {
        const { news } = event
        if (news.kind === 'begun' && news.on !== undefined)
          say(`begins on ${news.on}${earlierText(news.earlier.length)}`)
        else if (news.kind === 'scored')
          say(`task ${news.task + 1}/${tasks}  accuracy ${news.accuracy.toFixed(2)} %  (${news.seconds.toFixed(1)} s)`)
        else if (news.kind === 'note') say(news.message)
        else if (news.kind === 'again') say(`begins again: ${news.reason}`)
      }
    },
    note: (message) => terminal.err(oneLine(message)),
    close: () => undefined,
  }
}

const earlierText = (tasks: number) => (tasks === 0 ? '' : `, after ${counted(tasks, 'saved task')}`)
