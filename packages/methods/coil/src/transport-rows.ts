import { l2Normalize } from '@pilotjs/core/ops'
import { transportPlan } from '@pilotjs/statistics'
import type { TransportPlanOptions } from '@pilotjs/statistics'
import { matMul, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Classifier rows for some classes out of those of others: what it costs to move one class onto another is their distance, and
 * each new row is the sum of the others' unit rows that the cheapest plan moves there (Co-Transport, Zhou, Ye and Zhan, ACM MM
 * 2021, equation 5).
 * @param from [classes, width], where the classes lie that have rows
 * @param to [other classes, width]
 * @param rows [classes, width]
 * @returns [other classes, width], of any length; the caller's to dispose
 */
export async function transportRows(
  from: Tensor2D,
  to: Tensor2D,
  rows: Tensor2D,
  options: TransportPlanOptions,
): Promise<Tensor2D> {
  const plan = await transportPlan(from, to, options)
  const moved = tidy(() => matMul<Tensor2D>(plan, l2Normalize(rows), true))
  plan.dispose()
  return moved
}
