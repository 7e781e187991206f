import type { LearnEvent } from '@pilotjs/experiment'

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
  /** Of the whole run, 0 … 1. */
  readonly fraction: number
  /** Seconds that are probably left; undefined while there is nothing to go by. */
  readonly left?: number
}

/**
 * Follows a run by its events.
 * @param earlier accuracies of tasks that an earlier process finished
 * @param now seconds
 */
export function followRun(earlier: readonly number[], now: () => number) {
  const began = now()
  const curve = [...earlier]
  let task = earlier.length
  let tasks = earlier.length
  let activity = 'starting'
  let epoch: RunProgress['epoch']
  let loss: number | undefined
  /** Of the task at hand, 0 … 1, in two stretches: learning, then scoring. */
  let within = 0
  /** The share of a task's time that learning takes; a guess until the first task tells. */
  let learning = 0.85

  return {
    take(event: LearnEvent): void {
      switch (event.kind) {
        case 'task':
          ;({ task, tasks } = event)
          activity = 'starting'
          epoch = loss = undefined
          within = 0
          break
        case 'learning':
          takeLearning(event.event)
          break
        case 'scoring':
          activity = 'scoring'
          epoch = undefined
          within = learning + (1 - learning) * (event.done / Math.max(1, event.total))
          break
        case 'scored': {
          const { learnSeconds, scoreSeconds } = event.cost
          learning = learnSeconds / Math.max(1e-9, learnSeconds + scoreSeconds)
          curve.push(event.record.accuracy)
          task = event.task + 1
          within = 0
          break
        }
      }
    },
    state(): RunProgress {
      const fraction = tasks === 0 ? 0 : Math.min(1, (task + within) / tasks)
      const before = tasks === 0 ? 0 : earlier.length / tasks
      const done = fraction - before
      const elapsed = now() - began
      return {
        task: Math.min(task, Math.max(0, tasks - 1)),
        tasks,
        activity,
        epoch,
        loss,
        curve,
        fraction,
        ...(done > 0.005 && elapsed > 0.5 ? { left: (elapsed / done) * (1 - fraction) } : {}),
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
      within = learning * Math.min(1, (event.epoch * event.stepsPerEpoch + event.step + 1) / Math.max(1, steps))
    } else if (event.kind === 'features') {
      activity = 'features'
      // Features may come before, after or instead of training: they only ever move forward.
      within = Math.max(within, learning * 0.9 * (event.done / Math.max(1, event.total)))
    }
  }
}
