import { PilotError } from '@pilotjs/core'
import * as z from 'zod'
import type { LoggedEvent } from './logged-event'
import { loggedEventSchema } from './logged-event'

/** What a log holds, and how many characters of it are whole lines: a process that is killed may leave the last one torn. */
export interface RunLog {
  readonly events: readonly LoggedEvent[]
  readonly wholeLength: number
}

/**
 * Reads the text of an `events.jsonl`. A last line without its end is passed over.
 * @param file named in errors
 * @throws PilotError `damaged-log` naming the first line that is none
 */
export function parseRunLog(text: string, file = 'events.jsonl'): RunLog {
  const wholeLength = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, wholeLength).split('\n').slice(0, -1)
  return { events: lines.map((line, index) => parseLine(line, index + 1, file)), wholeLength }
}

function parseLine(line: string, number: number, file: string): LoggedEvent {
  const damaged = (reason: string) =>
    new PilotError('damaged-log', `${file}, line ${number}: ${reason}`, { file, line: number })
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw damaged('is no JSON')
  }
  const read = loggedEventSchema.safeParse(value)
  if (read.success) return read.data
  throw damaged(`is no event of a run: ${z.prettifyError(read.error).split('\n')[0]!}`)
}

/**
 * The events of a run as if it had never been interrupted: what was told of tasks that a later process learned anew is left out,
 * and so is that it stopped and went on.
 */
export function settledEvents(events: readonly LoggedEvent[]): LoggedEvent[] {
  let settled: LoggedEvent[] = []
  for (const event of events) {
    if (event.kind === 'resumed') settled = settled.filter((each) => !('task' in each && each.task >= event.task))
    else settled.push(event)
  }
  const last = settled.at(-1)
  return settled.filter((event) => event.kind !== 'stopped' || event === last)
}
