import { readFile } from 'node:fs/promises'
import { parseRunLog, settledEvents } from '@pilotjs/eval'
import type { Tracker } from './tracker'

export interface ReplayOptions {
  readonly signal?: AbortSignal
}

/**
 * Tells a tracker a whole run from its `events.jsonl`, as if it had never been interrupted.
 * @returns how many events it was told
 * @throws PilotError `damaged-log`; what the tracker throws
 */
export async function replay(file: string, tracker: Tracker, { signal }: ReplayOptions = {}): Promise<number> {
  const events = settledEvents(parseRunLog(await readFile(file, 'utf8'), file).events)
  try {
    for (const event of events) {
      signal?.throwIfAborted()
      await tracker.take(event)
    }
  } finally {
    await tracker.close()
  }
  return events.length
}
