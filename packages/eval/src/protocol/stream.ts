import type { Stream } from '@pilotjs/data'

/**
 * What the protocol asks of a stream: any of `@pilotjs/data`'s, or anything of this shape. A task-incremental stream
 * tells the task at test time: scores are then read among its classes only.
 */
export type EvaluationStream = Pick<Stream, 'scenario' | 'tasks' | 'plan' | 'classNames' | 'test' | 'recall'> & {
  /** Of an online stream: the class-incremental task that each of its tasks belongs to. */
  readonly sessions?: readonly number[]
}
