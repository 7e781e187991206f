import { createLogUpdate } from 'log-update'
import { harmless, oneLine } from '../terminal/harmless'
import { bar, clock, counted, sparkline, stripped } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import type { SweepDisplay } from './sweep-display'
import type { RunLine, SweepState } from './sweep-progress'
import { followSweep } from './sweep-progress'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Milliseconds between two pictures. */
const PACE = 150
/** Lines beside the matrix: preparations, notes, the sum. */
const OTHERS = 5
/** Of a label, at most. */
const WIDEST = 48
/** What is told beside the runs; the newest. */
const NOTES = 2

/** A row for each run, a sign for each of its tasks, redrawn in place; a last line for all. */
export function liveMatrix(terminal: Terminal): SweepDisplay {
  const { colors: c } = terminal
  const update = createLogUpdate(process.stderr)
  let follow: ReturnType<typeof followSweep> | undefined
  let how = ''
  let preparing: string | undefined
  const notes: string[] = []
  let picture = 0

  const draw = () => {
    picture++
    const shown: string[] = []
    if (preparing !== undefined) shown.push(`${spinner()} ${oneLine(preparing)}`)
    if (follow) shown.push(...matrix(follow.state(), terminal, spinner), ...notes.map((note) => c.dim(note)))
    if (follow) shown.push(summary(follow.state(), how, terminal))
    update(harmless(shown.join('\n')))
  }
  const spinner = () => c.cyan(SPINNER[picture % SPINNER.length]!)
  // The timer must not keep a process alive that has nothing left to do.
  const timer = setInterval(draw, PACE).unref()

  const note = (text: string) => {
    notes.push(oneLine(text).slice(0, terminal.columns - 1))
    if (notes.length > NOTES) notes.shift()
  }

  return {
    note,
    preparing(what) {
      preparing = what
    },
    begin(runs, words) {
      preparing = undefined
      how = words
      follow = followSweep(runs)
    },
    event(event) {
      follow!.take(event)
      if (event.kind !== 'news' || (event.news.kind !== 'note' && event.news.kind !== 'again')) return
      const text = event.news.kind === 'note' ? event.news.message : event.news.reason
      note(`${event.run.label}: ${text}`)
    },
    close() {
      clearInterval(timer)
      preparing = undefined
      draw()
      update.done()
    },
  }
}

/** As many rows as the screen holds: what goes on and what failed first, then what waits, then what is done. */
export function matrix(
  { lines }: SweepState,
  { colors: c, columns, rows }: Pick<Terminal, 'colors' | 'columns' | 'rows'>,
  spinner: () => string,
): string[] {
  const room = Math.max(3, rows - OTHERS)
  const chosen = choose(lines, room)
  const width = Math.min(WIDEST, Math.max(...lines.map(({ label }) => label.length)))
  const marks: Record<RunLine['state'], () => string> = {
    waiting: () => c.dim('·'),
    running: spinner,
    elsewhere: () => c.yellow('↔'),
    done: () => c.green('✔'),
    failed: () => c.red('✖'),
  }
  return chosen.map((line) => {
    const label = line.label.length > width ? `…${line.label.slice(1 - width)}` : line.label.padEnd(width)
    const cells = c.cyan(sparkline(line.curve)) + c.dim('·'.repeat(Math.max(0, line.tasks - line.curve.length)))
    const tail = [
      line.state === 'done' || line.curve.length > 0 ? `${(line.curve.at(-1) ?? 0).toFixed(1).padStart(5)} %` : '',
      line.state === 'elsewhere' ? 'another process is at it' : '',
      line.activity ?? '',
      line.on === undefined || line.state !== 'running' ? '' : c.dim(line.on),
      line.failure === undefined ? '' : c.red(oneLine(line.failure)),
    ]
    return cut(
      `${marks[line.state]()} ${line.state === 'waiting' ? c.dim(label) : label}  ${cells}  ${tail.filter(Boolean).join('  ')}`,
      columns,
    )
  })
}

const ORDER: Record<RunLine['state'], number> = { running: 0, failed: 1, elsewhere: 2, waiting: 3, done: 4 }

/** All where there is room; otherwise the most telling ones, in their order. */
function choose(lines: readonly RunLine[], room: number): RunLine[] {
  if (lines.length <= room) return [...lines]
  const kept = new Set([...lines].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, room))
  return lines.filter((line) => kept.has(line))
}

function summary(state: SweepState, how: string, { colors: c, columns, signal }: Terminal): string {
  const { counts, lines, fraction, left } = state
  if (signal.aborted) return `${c.bold('stopping …')} ${c.dim('(Ctrl-C again: at once)')}`
  const { done, left: rest } = bar(fraction, columns >= 100 ? 24 : 12)
  const parts = [
    `${c.cyan(done)}${c.dim(rest)}`,
    c.bold(`${counts.done} of ${counted(lines.length, 'run')}`),
    counts.running > 0 ? `${counts.running} going on` : '',
    counts.elsewhere > 0 ? c.yellow(`${counts.elsewhere} elsewhere`) : '',
    counts.failed > 0 ? c.red(`${counts.failed} failed`) : '',
    left === undefined ? '' : `ETA ${clock(left)}`,
    c.dim(how),
  ]
  return cut(parts.filter(Boolean).join('  '), columns)
}

/** A line that does not wrap; colours take no room. */
function cut(line: string, columns: number): string {
  if (stripped(line).length < columns) return line
  let used = 0
  let text = ''
  // eslint-disable-next-line no-control-regex -- colours are control characters
  for (const part of line.split(/(\u001b\[\d+m)/u)) {
    if (part.startsWith('\u001b')) text += part
    else {
      const kept = part.slice(0, Math.max(0, columns - 1 - used))
      used += kept.length
      text += kept
    }
  }
  return text
}
