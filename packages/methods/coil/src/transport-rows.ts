import { l2Normalize } from '@pilotjs/core/ops'
import { minkowskiDistances, sinkhorn, sinkhornAsPot } from '@pilotjs/statistics'
import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

export interface TransportOptions {
  /** Weight of the entropy. */
  readonly regularization: number
  /** Of the Minkowski distance between classes. */
  readonly power: number
  /**
   * Every class, wherever it stands, gets a mass of 1 / `eachMass`, as PILOT has it and POT computes it: masses that differ in sum once
   * the two sides differ in number. Default: the mass of 1 is shared evenly on both sides.
   */
  readonly eachMass?: number
}

/**
 * Classifier rows for some classes out of those of others: what it costs to move one class onto another is their distance, and each new
 * row is the sum of the others' unit rows that the cheapest plan moves there (Co-Transport, Zhou, Ye and Zhan, ACM MM 2021, equation 5).
 * @param from [classes, width], where the classes lie that have rows
 * @param to [other classes, width]
 * @param rows [classes, width]
 * @returns [other classes, width], of any length; the caller's to dispose
 */
export async function transportRows(
  from: Tensor2D,
  to: Tensor2D,
  rows: Tensor2D,
  { regularization, power, eachMass }: TransportOptions,
): Promise<Tensor2D> {
  const [[sources, width], [targets]] = [from.shape, to.shape]
  const [here, there] = await Promise.all([from.data(), to.data()])
  const evenly = (count: number) => new Float32Array(count).fill(1 / (eachMass ?? count))
  const problem = {
    cost: minkowskiDistances(here, there, width, power),
    rows: evenly(sources),
    columns: evenly(targets),
    regularization,
  }
  const { plan } = eachMass === undefined ? sinkhorn(problem) : sinkhornAsPot(problem)
  return tidy(() => matMul<Tensor2D>(tensor2d(Float32Array.from(plan), [sources, targets]), l2Normalize(rows), true))
}
