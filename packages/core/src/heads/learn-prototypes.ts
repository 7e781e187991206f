import type { LearnContext } from '../contracts/learner'
import type { Task } from '../contracts/task'
import type { FeatureExtractor } from '../contracts/features'
import { featuresOf } from '../features/frozen'
import { announcePhase } from '../learning/phase'
import type { PrototypeHead } from './prototype-head'

/** A phase of its own: the mean features of a task's classes become their prototypes. */
export async function learnPrototypes(
  head: PrototypeHead,
  task: Task,
  extractor: FeatureExtractor,
  context: LearnContext,
): Promise<void> {
  announcePhase(context, 'prototypes')
  const features = await featuresOf(task.train, extractor, context)
  head.learn(features, task.train.labels)
  features.dispose()
}
