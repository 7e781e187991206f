import type { LabeledImages, StreamPlan, Task } from '@pilotjs/core'

/** What the protocol asks of a stream. `@pilotjs/data` makes such streams; anything of this shape will do. */
export interface EvaluationStream {
  /** What changes from task to task. A task-incremental stream tells the task at test time: scores are read among its classes only. */
  readonly scenario: 'class-incremental' | 'domain-incremental' | 'task-incremental'
  /** The ordered tasks. */
  readonly tasks: readonly Task[]
  readonly plan: StreamPlan
  /** By label. */
  readonly classNames: readonly string[]
  /** Test images of one task; labels in stream order. */
  test(task: number): LabeledImages
  /** Exemplars by the keys their samples had in earlier tasks' `train`. */
  recall(keys: readonly string[], labels: ArrayLike<number>): LabeledImages
}
