import type { LoggedEvent } from '@pilotjs/eval'
import type { Tracker } from './tracker'

export interface LiveOptions {
  /** Told once, where the tracker fails or does not keep up: the run goes on without it. */
  readonly onProblem: (message: string) => void
  /** Events that may wait for a slow tracker. Default 10,000. */
  readonly capacity?: number
  /** How long `close` waits for the tracker to take what is left, in milliseconds. Default 5,000. */
  readonly patience?: number
}

/** A tracker that a run can tell things without ever waiting for it or failing by it. */
export interface LiveTracker {
  take(event: LoggedEvent): void
  /** Never rejects, and takes no longer than its patience. */
  close(): Promise<void>
}

/**
 * Puts a queue between a run and a tracker. A tracker that throws is told nothing more; one that hangs is left when the run ends.
 * What it missed can be replayed from the run's `events.jsonl`.
 */
export function liveTracker(tracker: Tracker, options: LiveOptions): LiveTracker {
  const { onProblem, capacity = 10_000, patience = 5_000 } = options
  const waiting: LoggedEvent[] = []
  let given = false
  let working: Promise<void> | undefined

  const giveUp = (reason: string) => {
    if (given) return
    given = true
    waiting.length = 0
    onProblem(`${tracker.name} is told nothing more: ${reason}`)
  }
  const work = async () => {
    try {
      for (let next = waiting.shift(); next && !given; next = waiting.shift()) await tracker.take(next)
    } catch (error) {
      giveUp(reasonOf(error))
    }
    working = undefined
  }

  return {
    take(event) {
      if (given) return
      if (waiting.length >= capacity) return giveUp(`it does not keep up, ${capacity} events wait for it`)
      waiting.push(event)
      working ??= Promise.resolve().then(work)
    },
    async close() {
      const rest = (async () => {
        while (working) await working
        await tracker.close()
      })().catch((error: unknown) => giveUp(reasonOf(error)))
      if (!(await inTime(rest, patience))) giveUp(`it did not answer within ${patience / 1000} s of the run's end`)
    },
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whether something ends before so many milliseconds are over. */
async function inTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)))
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
