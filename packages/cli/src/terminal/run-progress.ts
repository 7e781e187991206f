import type { LearnEvent } from '@pilotjs/experiment'
import type { TaskTime } from './time-left'
import { timeLeft } from './time-left'

/** Where a run stands, as a line can show it. */
export interface RunProgress {
  readonly task: number
  readonly tasks: number
  /** What is being done: a phase's name, or `scoring`. */
  readonly activity: string
  readonly epoch?: { readonly at: number; readonly of: number }
  readonly loss?: number
  /** Accuracy on all classes seen after each finished task, percent. */
  readonly curve: readonly number[]
  /** Of the whole run's tasks, 0 … 1. */
  readonly fraction: number
  /** Seconds that are probably left; undefined while there is nothing to go by. */
  readonly left?: number
}

/** What an earlier process finished of a run. */
export interface EarlierTask extends TaskTime {
  readonly accuracy: number
}

/**
 * Follows a run by its events.
 * @param earlier tasks that an earlier process finished
 * @param now seconds
 */
export function followRun(earlier: readonly EarlierTask[], now: () => number) {
  const curve = earlier.map(({ accuracy }) => accuracy)
  const finished: TaskTime[] = [...earlier]
  let task = earlier.length
  let tasks = earlier.length
  let activity = 'starting'
  let epoch: RunProgress['epoch']
  let loss: number | undefined
  /** Of the task at hand, 0 … 1. */
  let learned = 0
  let scored = 0
  let began = now()

  return {
    take(event: LearnEvent): void {
      switch (event.kind) {
        case 'task':
          ;({ task, tasks } = event)
          activity = 'starting'
          epoch = loss = undefined
          learned = scored = 0
          began = now()
          break
        case 'learning':
          takeLearning(event.event)
          break
        case 'scoring':
          activity = 'scoring'
          epoch = undefined
          learned = 1
          scored = event.done / Math.max(1, event.total)
          break
        case 'scored':
          finished.push(event.cost)
          curve.push(event.record.accuracy)
          task = event.task + 1
          learned = scored = 0
          began = now()
          break
      }
    },
    state(): RunProgress {
      const { learnSeconds, scoreSeconds } = finished.at(-1) ?? { learnSeconds: 85, scoreSeconds: 15 }
      const learning = learnSeconds / Math.max(1e-9, learnSeconds + scoreSeconds)
      const within = learning * learned + (1 - learning) * scored
      const left = timeLeft(finished, { tasks, elapsed: now() - began, learned, scored })
      return {
        task: Math.min(task, Math.max(0, tasks - 1)),
        tasks,
        activity,
        epoch,
        loss,
        curve,
        fraction: tasks === 0 ? 0 : Math.min(1, (task + within) / tasks),
        ...(left === undefined ? {} : { left }),
      }
    },
  }

  function takeLearning(event: Extract<LearnEvent, { kind: 'learning' }>['event']): void {
    if (event.kind === 'phase') {
      activity = event.phase
      epoch = event.epochs > 0 ? { at: 0, of: event.epochs } : undefined
    } else if (event.kind === 'step') {
      activity = event.phase
      epoch = { at: event.epoch, of: event.epochs }
      loss = event.loss
      const steps = event.epochs * event.stepsPerEpoch
      learned = Math.min(1, (event.epoch * event.stepsPerEpoch + event.step + 1) / Math.max(1, steps))
    } else if (event.kind === 'features') {
      activity = 'features'
      // Features may come before, after or instead of training: they only ever move forward.
      learned = Math.max(learned, 0.9 * (event.done / Math.max(1, event.total)))
    }
  }
}
