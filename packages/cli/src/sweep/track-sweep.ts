import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoggedEvent } from '@pilotjs/eval'
import { parseRunLog, settledEvents } from '@pilotjs/eval'
import type { SweepEvent, SweepRun } from '@pilotjs/experiment'
import type { Following, TrackerChoice } from '../commands/trackers'
import { followWith } from '../commands/trackers'

/** Trackers that follow the runs of a sweep, wherever those are computed. */
export interface SweepTracking {
  take(event: SweepEvent): void
  /** Tells what is left. Never rejects. */
  close(): Promise<void>
}

/** What of a run was told. */
interface Told {
  following: Following | undefined
  events: number
  /** Of the diary, which is another where a run began anew. */
  id?: string
  reading: Promise<void>
}

/**
 * Tells trackers of the runs' diaries (`events.jsonl`) whenever a task of them is saved and when they end. Only this process does:
 * a worker needs no address and no password of a tracker, and none makes a run fail or wait. What a later process learned anew is
 * told anew from the run's beginning, as `pilot track` would.
 * @param folder the sweep's @param onProblem told once of each reason
 */
export function trackSweep(
  choices: readonly TrackerChoice[],
  folder: string,
  cwd: string,
  onProblem: (message: string) => void,
): SweepTracking {
  const told = new Map<string, Told>()
  const said = new Set<string>()
  const sayOnce = (message: string) => {
    if (said.has(message)) return
    said.add(message)
    onProblem(message)
  }
  const catchUp = async (run: SweepRun, own: Told, ended: boolean): Promise<void> => {
    const file = join(folder, run.folder, 'events.jsonl')
    if (!existsSync(file)) return
    const { events } = parseRunLog(await readFile(file, 'utf8'), file)
    const begun = events.find((event) => event.kind === 'begun')
    if (begun === undefined) return
    const fresh = events.slice(own.events)
    const anew = own.id !== begun.id || events.length < own.events || fresh.some(({ kind }) => kind === 'resumed')
    if (anew) {
      await own.following?.close()
      own.following = await followWith(choices, join(folder, run.folder), cwd, sayOnce)
      own.id = begun.id
    }
    own.events = events.length
    const due: readonly LoggedEvent[] = anew ? settledEvents(events) : fresh
    for (const event of due) own.following?.take(event)
    if (!ended) return
    await own.following?.close()
    own.following = undefined
  }
  return {
    take(event) {
      const { run } = event
      const scored = event.kind === 'news' && event.news.kind === 'scored'
      const ended = event.kind === 'done' || event.kind === 'failed'
      // What was complete before this sweep was told when it became so.
      if (!scored && !ended) return
      const own = told.get(run.id) ?? { following: undefined, events: 0, reading: Promise.resolve() }
      told.set(run.id, own)
      own.reading = own.reading
        .then(() => catchUp(run, own, ended))
        .catch((error: unknown) => sayOnce(error instanceof Error ? error.message : String(error)))
    },
    async close() {
      await Promise.all([...told.values()].map(({ reading }) => reading))
      await Promise.all([...told.values()].map(({ following }) => following?.close()))
    },
  }
}
