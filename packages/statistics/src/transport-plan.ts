import { tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { minkowskiDistances } from './minkowski'
import { sinkhorn, sinkhornAsPot } from './sinkhorn'

export interface TransportPlanOptions {
  /** Weight of the entropy. */
  readonly regularization: number
  /** Of the Minkowski distance between rows, which is what it costs to move one onto the other. */
  readonly power: number
  /**
   * Every row, wherever it stands, gets a mass of 1 / `eachMass`, as PILOT has it and POT computes it: masses that differ in sum
   * once the two sides differ in number. Default: the mass of 1 is shared evenly on both sides.
   */
  readonly eachMass?: number | undefined
}

/**
 * How much of each row moves to each other one on the cheapest way there: what COIL and DUCT carry classifier rows by.
 * @param from [rows, width], where classes lie
 * @param to [other rows, width]
 * @returns [rows, other rows]; the caller's to dispose
 */
export async function transportPlan(
  from: Tensor2D,
  to: Tensor2D,
  { regularization, power, eachMass }: TransportPlanOptions,
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
  return tensor2d(Float32Array.from(plan), [sources, targets])
}
