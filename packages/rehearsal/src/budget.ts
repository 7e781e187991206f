/** How many exemplars may be kept: so many in all, shared evenly by the classes seen, or so many of each class. */
export type ExemplarBudget = { readonly total: number } | { readonly perClass: number }

/**
 * Exemplars per class under a budget (PILOT's `samples_per_class`).
 * @throws RangeError where not even one is left for each
 */
export function exemplarsPerClass(budget: ExemplarBudget, classes: number): number {
  if ('perClass' in budget) {
    if (!Number.isInteger(budget.perClass) || budget.perClass < 1)
      throw new RangeError(`memoryPerClass must be a positive integer, got ${budget.perClass}`)
    return budget.perClass
  }
  const share = Math.floor(budget.total / classes)
  if (!(share >= 1))
    throw new RangeError(
      `a memory of ${budget.total} exemplars has none for each of ${classes} classes: raise memorySize`,
    )
  return share
}
