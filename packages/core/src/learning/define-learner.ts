import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { FeatureExtractor } from '../contracts/features'
import type { LearnContext, Learner, LearnerState, Reading, Readings } from '../contracts/learner'
import type { Task } from '../contracts/task'
import type { JsonValue, NamedTensors } from '../contracts/tensors'
import { PilotError } from '../errors/pilot-error'
import { type Part, joinVariables, tensorsOf } from '../parts/part'
import { checkTask } from './check-task'

/** What a method writes of its learner. */
export interface LearnerBehaviour {
  /** The algorithm. The task was checked: it follows what was learned before, and has images. */
  learn(task: Task, context: LearnContext): Promise<void>
  /** What is looked at of an image; a function where that changes as tasks come. */
  readonly extractor: FeatureExtractor | (() => FeatureExtractor)
  /**
   * Ways to read scores off features, best first. Columns of classes that are not known yet are cut off, so that a head may have
   * room for them.
   */
  readonly readings: Readings
  /** Unlearns a class exactly; later labels move up by one. */
  removeClass?(label: number): void | Promise<void>
  /** Makes two classes one exactly; labels behind `from` move up by one. */
  mergeClasses?(into: number, from: number): void | Promise<void>
}

/** What a learner itself remembers, under a name that no part may have. */
const progressKey = 'learned'

interface Learned {
  readonly tasks: number
  readonly classes: number
}

/**
 * A learner out of parts: what is saved, restored and let go of comes from them, what a method writes is its algorithm.
 * @param parts all that is kept from task to task; their tensors stand in the state as `PART.NAME`
 */
export function defineLearner(parts: Readonly<Record<string, Part>>, behaviour: LearnerBehaviour): Learner {
  let learned: Learned = { tasks: 0, classes: 0 }
  if (progressKey in parts) throw new Error(`a part cannot be called "${progressKey}": the learner's own progress is`)

  const extractor = (): FeatureExtractor =>
    typeof behaviour.extractor === 'function' ? behaviour.extractor() : behaviour.extractor
  const requireClasses = () => {
    if (learned.classes > 0) return learned.classes
    throw new PilotError(
      'nothing-learned',
      'this learner knows no class yet: let it learn a task before it scores images',
    )
  }
  const requireClass = (label: number): void => {
    if (!(Number.isInteger(label) && label >= 0 && label < learned.classes))
      throw new PilotError('unknown-class', `there is no class ${label}: the learner knows ${learned.classes}`, {
        label,
        classes: learned.classes,
      })
  }
  const seenOnly =
    (read: Reading): Reading =>
    (features) => {
      const classes = requireClasses()
      const scores = read(features)
      return scores.shape[1] > classes ? tf.slice(scores, [0, 0], [-1, classes]) : scores
    }
  const readings = Object.fromEntries(Object.entries(behaviour.readings).map(([name, read]) => [name, seenOnly(read)]))
  const first = Object.values(readings)[0]
  if (!first) throw new Error('a learner needs at least one reading')

  return {
    async learn(task, context) {
      context.signal.throwIfAborted()
      checkTask(task, learned)
      await behaviour.learn(task, context)
      learned = { tasks: learned.tasks + 1, classes: task.classesAfter }
    },
    score: (images: Tensor4D): Tensor2D => {
      requireClasses()
      return tf.tidy(() => first(extractor().apply(images)))
    },
    get extractor() {
      return extractor()
    },
    readings,
    state(): LearnerState {
      const json: Record<string, JsonValue> = { [progressKey]: { ...learned } }
      for (const [name, part] of Object.entries(parts)) if (part.json) json[name] = part.json()
      return { tensors: joinVariables(parts), json }
    },
    restore(state) {
      const progress = progressOf(state)
      for (const [name, part] of Object.entries(parts)) part.restore(tensorsOf(state.tensors, name), state.json[name])
      requireSameNames(joinVariables(parts), state.tensors)
      learned = progress
    },
    ...(behaviour.removeClass && {
      async removeClass(label: number) {
        requireClass(label)
        await behaviour.removeClass!(label)
        learned = { ...learned, classes: learned.classes - 1 }
      },
    }),
    ...(behaviour.mergeClasses && {
      async mergeClasses(into: number, from: number) {
        requireClass(into)
        requireClass(from)
        if (into === from)
          throw new PilotError('unknown-class', `class ${into} cannot be merged with itself`, { label: into })
        await behaviour.mergeClasses!(into, from)
        learned = { ...learned, classes: learned.classes - 1 }
      },
    }),
    dispose() {
      for (const part of Object.values(parts)) part.dispose()
    },
  }
}

function progressOf({ json }: LearnerState): Learned {
  const { tasks, classes } = (json[progressKey] ?? {}) as Partial<Learned>
  if (Number.isInteger(tasks) && Number.isInteger(classes)) return { tasks: tasks!, classes: classes! }
  throw new PilotError(
    'invalid-state',
    `the saved state is damaged or no learner's: its json has no "${progressKey}"`,
    {
      field: progressKey,
    },
  )
}

/** @throws PilotError where a state has tensors that no part took, or lacks some: it is of other options, or another method */
function requireSameNames(own: NamedTensors, saved: NamedTensors): void {
  const missing = Object.keys(own).filter((name) => !(name in saved))
  const unknown = Object.keys(saved).filter((name) => !(name in own))
  if (missing.length + unknown.length === 0) return
  const some = (names: string[]) => names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')
  throw new PilotError(
    'invalid-state',
    `the saved state is not of this learner: ${[
      missing.length > 0 && `${missing.length} of its tensors are missing (${some(missing)})`,
      unknown.length > 0 && `${unknown.length} tensors belong to nothing here (${some(unknown)})`,
    ]
      .filter(Boolean)
      .join('; ')}. Was it saved by the same method with the same options?`,
    { missing, unknown },
  )
}
