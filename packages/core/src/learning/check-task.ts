import type { Task } from '../contracts/task'
import { PilotError } from '../errors/pilot-error'

/**
 * Refuses tasks that no stream would bring: without images, with labels that leave a gap, out of order, or that do not follow
 * from what was learned before.
 * @param learned how many tasks and classes the learner knows
 * @throws PilotError `invalid-task`
 */
export function checkTask(task: Task, learned: { readonly tasks: number; readonly classes: number }): void {
  const { index, classes, classesBefore, classesAfter, train } = task
  const refuse = (problem: string) => {
    throw new PilotError('invalid-task', `task ${index} ${problem}`, { task: index, ...learned })
  }
  if (index !== learned.tasks)
    refuse(`cannot be learned now: ${learned.tasks} tasks are known, so that the next one is task ${learned.tasks}`)
  if (classesBefore !== learned.classes)
    refuse(`says that ${classesBefore} classes were known before, but the learner knows ${learned.classes}`)
  if (train.length === 0) refuse('has no training images')
  const listed = new Set(classes)
  const seen = new Set(train.labels)
  const missing = [...listed].filter((label) => !seen.has(label))
  if (missing.length > 0) refuse(`has no training image of class ${missing.join(', ')}`)
  const unlisted = [...seen].filter((label) => !listed.has(label))
  if (unlisted.length > 0) refuse(`has images of class ${unlisted.join(', ')}, which its \`classes\` do not name`)
  const fresh = [...listed].filter((label) => label >= classesBefore).sort((a, b) => a - b)
  if (fresh.some((label, i) => label !== classesBefore + i) || [...listed].some((label) => label < 0))
    refuse(`brings the labels ${fresh.join(', ')}: new ones must continue at ${classesBefore} without a gap`)
  if (classesAfter !== classesBefore + fresh.length)
    refuse(`says that ${classesAfter} classes are known after it, but brings ${fresh.length} to ${classesBefore}`)
}
