import type { LoggedEvent } from '@pilotjs/eval'

/** A number on a curve. */
export interface Scalar {
  readonly tag: string
  readonly value: number
  readonly step: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Makes curves of events: `train/loss` and `train/learningRate` by training steps of the whole run, `task/…` (accuracy,
 * forgetting, …) and `cost/…` by tasks, counted from 1. What is no number is left out.
 */
export function scalarsOf(): (event: LoggedEvent) => Scalar[] {
  let steps = 0
  return (event) => {
    const { at } = event
    const named = (group: string, values: Readonly<Record<string, number | null>>, step: number): Scalar[] =>
      Object.entries(values).flatMap(([name, value]) =>
        value === null ? [] : [{ tag: `${group}/${name}`, value, step, at }],
      )
    if (event.kind === 'step') return named('train', { loss: event.loss, learningRate: event.learningRate }, steps++)
    if (event.kind === 'scored')
      return [...named('task', event.metrics, event.task + 1), ...named('cost', event.cost, event.task + 1)]
    return []
  }
}
