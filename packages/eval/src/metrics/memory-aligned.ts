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
