import type { Backbone, LearnerState, NamedTensors } from '@pilotjs/core'
import { rememberedImages } from '@pilotjs/rehearsal'

/**
 * Comparisons at equal memory: Zhou, Wang, Qi, Ye, Zhan, Liu, "Class-Incremental Learning: A Survey", TPAMI 2024
 * (arXiv:2302.03648, § 5): models and exemplars are counted in one currency, bytes.
 */

/** Bytes of a parameter: float32. */
const PARAMETER = 4

/** Bytes of so many parameters, 4 each. */
export const modelBytes = (parameters: number): number => PARAMETER * parameters

/**
 * Bytes of an exemplar as the survey counts it: a byte a channel of a pixel, of the image as the data set has it (CIFAR: 3,072;
 * ImageNet at 224: 150,528).
 */
export const imageBytes = (height: number, width: number): number => 3 * height * width

/**
 * How many exemplars bring a method to a budget that its model leaves room in.
 * @param budget bytes of model and exemplars together, e.g. those of the method that takes most
 * @throws RangeError where the model alone is over the budget
 */
export function alignedExemplars(budget: number, model: number, image: number): number {
  if (model > budget) throw new RangeError(`a model of ${model} bytes is over the budget of ${budget}`)
  return Math.floor((budget - model) / image)
}

/** What a learner keeps, as the survey counts it. */
export interface LearnerMemory {
  /** Numbers that are needed to score an image, and to learn on: the learner's own and, where it needs that, the backbone's. */
  readonly parameters: number
  /** Training images that it can call back. */
  readonly exemplars: number
}

/**
 * Counts a learner's memory. The backbone comes on top unless the learner has weights of its own for every one of its tensors, as
 * one has that trains the whole network.
 */
export function learnerMemory(state: LearnerState, backbone: Pick<Backbone, 'parameters'>): LearnerMemory {
  const names = Object.keys(state.tensors)
  const own = sizeOf(state.tensors)
  const needed = Object.keys(backbone.parameters).some((name) => !names.some((each) => each.endsWith(`.${name}`)))
  return { parameters: own + (needed ? sizeOf(backbone.parameters) : 0), exemplars: rememberedImages(state.json) }
}

const sizeOf = (tensors: NamedTensors): number => Object.values(tensors).reduce((sum, { size }) => sum + size, 0)

/** What a method reached at one budget. */
export interface BudgetPoint {
  /** Of model and exemplars together. */
  readonly megabytes: number
  /** Percent. */
  readonly accuracy: number
}

/**
 * Area under accuracy over memory (AUC-A of average, AUC-L of last accuracies): straight lines between the budgets; accuracy as a
 * share of 1, memory in megabytes, as the survey has it. It says how a method does whatever memory there is; compare over the
 * same budgets only.
 * @throws RangeError for fewer than two budgets, or one that stands twice
 */
export function areaUnderAccuracy(points: readonly BudgetPoint[]): number {
  const sorted = [...points].sort((a, b) => a.megabytes - b.megabytes)
  if (sorted.length < 2) throw new RangeError(`an area takes at least two budgets, got ${sorted.length}`)
  let area = 0
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1]!, sorted[i]!]
    if (before.megabytes === after.megabytes) throw new RangeError(`the budget ${after.megabytes} MB stands twice`)
    area += ((after.megabytes - before.megabytes) * (before.accuracy + after.accuracy)) / 200
  }
  return area
}
