import type { SweepEvent, SweepRun } from '@pilotjs/experiment'

export type RunState = 'waiting' | 'running' | 'elsewhere' | 'done' | 'failed'

/** A run as a line of the matrix shows it. */
export interface RunLine {
  readonly label: string
  readonly tasks: number
  readonly state: RunState
  /** Accuracy after each saved task, percent. */
  readonly curve: readonly number[]
  readonly activity?: string
  /** Where it is computed, if not here. */
  readonly on?: string
  readonly failure?: string
}

export interface SweepState {
  readonly lines: readonly RunLine[]
  readonly counts: Readonly<Record<RunState, number>>
  /** Of all tasks of all runs, 0 … 1. */
  readonly fraction: number
  /** Seconds until the last run is probably done; undefined before anything was measured. */
  readonly left?: number
}

interface Followed {
  readonly run: SweepRun
  state: RunState
  curve: number[]
  activity?: string
  on?: string
  failure?: string
}

/**
 * Follows a sweep by its events. What is left is reckoned from what tasks have taken: of the same method where there are any,
 * else of all; shared out among as many runs as go on at a time.
 */
export function followSweep(runs: readonly SweepRun[]) {
  const followed = new Map<string, Followed>(runs.map((run) => [run.id, { run, state: 'waiting', curve: [] }]))
  /** Seconds of tasks learned, by method. */
  const times = new Map<string, number[]>()
  let atOnce = 1

  return {
    take(event: SweepEvent): void {
      const own = followed.get(event.run.id)!
      switch (event.kind) {
        case 'found':
          own.curve = event.earlier.map(({ accuracy }) => accuracy)
          if (event.complete) own.state = 'done'
          else event.earlier.forEach(({ seconds }) => note(own, seconds))
          break
        case 'started':
          own.state = 'running'
          own.activity = 'starting'
          break
        case 'elsewhere':
          own.state = 'elsewhere'
          own.activity = undefined
          break
        case 'done':
          own.state = 'done'
          own.activity = undefined
          break
        case 'failed':
          own.state = 'failed'
          own.failure = event.error instanceof Error ? event.error.message : String(event.error)
          break
        case 'news':
          takeNews(own, event.news)
      }
      atOnce = Math.max(atOnce, count('running'))
    },
    state(): SweepState {
      const all = [...followed.values()]
      const tasks = all.reduce((sum, { run }) => sum + run.tasks, 0)
      const done = all.reduce((sum, { run, state, curve }) => sum + (state === 'done' ? run.tasks : curve.length), 0)
      const left = secondsLeft()
      return {
        lines: all.map(({ run, state, curve, activity, on, failure }) => {
          const { label, tasks: own } = run
          return { label, tasks: own, state, curve, activity, on, failure }
        }),
        counts: {
          waiting: count('waiting'),
          running: count('running'),
          elsewhere: count('elsewhere'),
          done: count('done'),
          failed: count('failed'),
        },
        fraction: tasks === 0 ? 1 : done / tasks,
        ...(left === undefined ? {} : { left }),
      }
    },
  }

  function takeNews(own: Followed, news: Extract<SweepEvent, { kind: 'news' }>['news']): void {
    if (news.kind === 'begun') {
      own.curve = news.earlier.map(({ accuracy }) => accuracy)
      own.on = news.on
    } else if (news.kind === 'preparing') own.activity = news.what
    else if (news.kind === 'progress') own.activity = news.activity
    else if (news.kind === 'scored') {
      own.curve[news.task] = news.accuracy
      note(own, news.seconds)
    } else if (news.kind === 'again') {
      own.state = 'waiting'
      own.activity = undefined
    }
    // Heard of again: it is being computed.
    if (own.state === 'waiting' && news.kind !== 'again' && news.kind !== 'note') own.state = 'running'
  }

  function note({ run }: Followed, seconds: number): void {
    const { method } = run.config
    const known = times.get(method)
    if (known) known.push(seconds)
    else times.set(method, [seconds])
  }

  function count(state: RunState): number {
    let sum = 0
    for (const each of followed.values()) if (each.state === state) sum++
    return sum
  }

  function secondsLeft(): number | undefined {
    const all = [...times.values()].flat()
    if (all.length === 0) return undefined
    let work = 0
    let open = 0
    for (const { run, state, curve } of followed.values()) {
      if (state === 'done' || state === 'failed') continue
      open++
      work += (run.tasks - curve.length) * mean(times.get(run.config.method) ?? all)
    }
    return open === 0 ? 0 : work / Math.min(open, atOnce)
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
