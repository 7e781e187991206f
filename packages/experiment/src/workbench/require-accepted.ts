import type { Method } from '@pilotjs/core'
import type { Stream } from '@pilotjs/data'
import { ExperimentError } from '../experiment-error'

/**
 * Whether a method takes what a stream brings, before anything is learned: the learner itself would refuse only when it comes to
 * the task.
 * @throws ExperimentError `stream-refused` where classes come back and the method gives every class to one task alone
 */
export function requireAccepted(method: Method, { tasks }: Pick<Stream, 'tasks'>, scenario: string): void {
  if (method.accepts.moreImages) return
  const again = tasks.find(({ classes, classesBefore }) => classes.some((label) => label < classesBefore))
  if (again)
    throw new ExperimentError(
      'stream-refused',
      { method: method.name, scenario, task: again.index },
      `${method.name} gives every class to the one task that brought it, but in this ${scenario} stream task ${again.index + 1} brings known classes again`,
    )
}
