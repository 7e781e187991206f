import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core'
import type { LearnContext, Learner, LearnerState, Readout } from '../contracts/learner'
import type { Task } from '../contracts/task'
import type { JsonValue, NamedVariables } from '../contracts/tensors'
import type { Part } from './part'

export interface LearnerDefinition {
  /** All that is kept from task to task, by any names. */
  parts: Readonly<Record<string, Part>>
  /** Before training: heads grow, prompts are added. */
  prepare?(task: Task, context: LearnContext): void | Promise<void>
  learn(task: Task, context: LearnContext): Promise<void>
  /** After training: statistics, prototypes, exemplars. */
  finish?(task: Task, context: LearnContext): void | Promise<void>
  /** [batch, height, width, 3] → [batch, classes seen]. Runs inside `tf.tidy`. */
  score(images: Tensor4D): Tensor2D
  readout?(): Readout | undefined
}

/** Tells listeners that a phase's variables stand, where no `train` does it: a method that computes its weights. */
export async function announce(context: LearnContext, variables: NamedVariables, phase: string): Promise<void> {
  await context.prepared?.(variables, phase)
}

/** A learner out of parts: `state`, `restore` and `dispose` come from them, a method writes only what is its own. */
export function defineLearner(definition: LearnerDefinition): Learner {
  const parts = Object.entries(definition.parts)

  const variables = (): NamedVariables => {
    const all: Record<string, Variable> = {}
    for (const [part, { variables }] of parts) {
      for (const [name, variable] of Object.entries(variables())) {
        if (all[name]) throw new Error(`Part '${part}' keeps '${name}', and so does another part: names must be unique`)
        all[name] = variable
      }
    }
    return all
  }
  /** What `train` announces are the variables it changes; listeners see all that the learner keeps. */
  const withAllVariables = (context: LearnContext): LearnContext => ({
    rng: context.rng,
    signal: context.signal,
    features: context.features,
    report: (event) => context.report(event),
    recall: (keys, labels) => context.recall(keys, labels),
    prepared: async (own, phase) => context.prepared?.({ ...variables(), ...own }, phase),
  })

  return {
    async learn(task, given) {
      const context = withAllVariables(given)
      context.signal.throwIfAborted()
      await definition.prepare?.(task, context)
      await definition.learn(task, context)
      await definition.finish?.(task, context)
    },
    score: (images) => tf.tidy(() => definition.score(images)),
    get readout() {
      return definition.readout?.()
    },
    state(): LearnerState {
      const json: Record<string, JsonValue> = {}
      for (const [name, part] of parts) if (part.json) json[name] = part.json()
      return { tensors: variables(), json }
    },
    restore(state) {
      for (const [name, part] of parts) part.restore(state.tensors, state.json[name])
    },
    dispose() {
      for (const [, part] of parts) part.dispose()
    },
  }
}
