import { randomUUID } from 'node:crypto'
import { closeSync, readFileSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import type { LoggedEvent, LoggedKind, RunEvent } from '@pilotjs/eval'
import { LOG_FORMAT, describeEvent, describeTask, loggedMetrics, parseRunLog, settledEvents } from '@pilotjs/eval'
import { messageOf } from '../experiment-error'
import { layout } from './layout'
import type { OwnedRun } from './write-run'

/** `events.jsonl` while a process writes to it. */
export interface EventLog {
  take(event: RunEvent): void
  note(message: string): void
  /** All tasks are saved. */
  finish(): void
  /** The process ends before that. */
  stop(reason: string): void
  close(): void
}

export interface EventLogOptions {
  /** Of the whole stream. */
  readonly tasks: number
  readonly classes: number
  /** Told every event, those of earlier processes that still hold first. Must not throw, and is not waited for. */
  readonly onLogged?: (event: LoggedEvent) => void
  /** Told once, where the file cannot be written: no reason for a run to fail. */
  readonly onProblem?: (message: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Opens the log of a run: begins it, or goes on behind its last whole line. Saved tasks that it does not tell of (a process was
 * killed between saving and telling, or the file is gone) are told first. Every line is handed to the system as it comes, so that
 * a killed process loses none.
 */
export function openEventLog(run: OwnedRun, options: EventLogOptions): EventLog {
  const { now = Date.now, onLogged } = options
  const writer = appender(run, options.onProblem)
  const add = (event: LoggedEvent) => {
    writer.add(event)
    onLogged?.(event)
  }
  const before = settledEvents(writer.events)
  const goesOn = before.some(({ kind }) => kind === 'begun')
  if (goesOn) {
    const held = before.filter(({ kind }) => kind !== 'stopped' && kind !== 'finished')
    for (const event of held) {
      if (!('task' in event) || event.task < run.records.length) onLogged?.(event)
    }
    if (!run.complete) writer.add({ kind: 'resumed', at: now(), task: run.records.length })
  } else add(begun(run, options, now()))
  const told = new Set(before.flatMap((event) => (event.kind === 'scored' ? [event.task] : [])))
  for (const task of run.records.keys())
    if (!told.has(task)) add(describeTask(run.records.slice(0, task + 1), run.costs[task]!, now()))

  return {
    take(event) {
      const described = describeEvent(event, run.records, now())
      if (described) add(described)
    },
    note: (message) => add({ kind: 'note', at: now(), message }),
    finish() {
      const done: LoggedEvent = { kind: 'finished', at: now(), metrics: loggedMetrics(run.records) }
      if (writer.events.at(-1)?.kind === 'finished') onLogged?.(done)
      else add(done)
    },
    stop: (message) => add({ kind: 'stopped', at: now(), message }),
    close: writer.close,
  }
}

const begun = ({ path, config }: OwnedRun, { tasks, classes }: EventLogOptions, at: number): LoggedEvent => ({
  kind: 'begun',
  at,
  format: LOG_FORMAT,
  id: randomUUID(),
  name: basename(path),
  config: config as unknown as LoggedKind<'begun'>['config'],
  tasks,
  classes,
})

/** Appends lines to a run's log, behind what of it is whole; after the first that fails, none. */
function appender(run: OwnedRun, onProblem: EventLogOptions['onProblem']) {
  const file = layout(run.path).events
  let descriptor: number | undefined
  let events: readonly LoggedEvent[] = []
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (error) {
      close()
      onProblem?.(`${file} is not written any more: ${messageOf(error)}`)
    }
  }
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
  attempt(() => {
    const text = textOf(file)
    const log = parseRunLog(text, file)
    events = log.events
    descriptor = run.append(file, text.slice(0, log.wholeLength))
  })
  return {
    /** What stood in it when it was opened. */
    events,
    add: (event: LoggedEvent) =>
      attempt(() => {
        if (descriptor !== undefined) writeSync(descriptor, `${JSON.stringify(event)}\n`)
      }),
    close,
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
