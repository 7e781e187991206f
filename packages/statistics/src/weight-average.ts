import type { NamedTensors } from '@pilotjs/core'
import { add, div, fill, greater, mul, where } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/**
 * (1 − share)·older + share·newer for every weight of both; what only the newer has stays (CoMA; Marouf et al., ECCV 2024,
 * https://arxiv.org/abs/2312.08977). Call it inside `tf.tidy`.
 */
export const averageWeights = (older: NamedTensors, newer: NamedTensors, share: number): NamedTensors =>
  mapWeights(newer, (weight, name) => (older[name] ? add(mul(older[name], 1 - share), mul(weight, share)) : weight))

/**
 * Weights averaged by how much each matters to the two of them: Σ w F θ / Σ w F with w = 1 − share for the older and share for
 * the newer, F their Fisher information (CoFiMA, the same paper; Matena and Raffel, NeurIPS 2022,
 * https://arxiv.org/abs/2111.09832). Where neither has any, it is the plain average; what only the newer has stays. Call it
 * inside `tf.tidy`.
 */
export function fisherAverage(
  older: { readonly weights: NamedTensors; readonly fisher: NamedTensors },
  newer: { readonly weights: NamedTensors; readonly fisher: NamedTensors },
  share: number,
): NamedTensors {
  const plain = averageWeights(older.weights, newer.weights, share)
  return mapWeights(newer.weights, (weight, name) => {
    const before = older.weights[name]
    if (!before) return weight
    const [old, fresh] = [
      mul(informationOf(older.fisher, name), 1 - share),
      mul(informationOf(newer.fisher, name), share),
    ]
    const total = add(old, fresh)
    const informed = greater(total, 0)
    const safe = where(informed, total, fill(total.shape, 1))
    return where(informed, div(add(mul(old, before), mul(fresh, weight)), safe), plain[name]!)
  })
}

function informationOf(fisher: NamedTensors, name: string): Tensor {
  const own = fisher[name]
  if (!own) throw new Error(`there is no Fisher information of '${name}', which is to be averaged by it`)
  return own
}

const mapWeights = (weights: NamedTensors, change: (weight: Tensor, name: string) => Tensor): NamedTensors =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, change(weight, name)]))

/**
 * What training changed: trained − base, for every weight of both (task arithmetic, Ilharco et al., ICLR 2023,
 * https://arxiv.org/abs/2212.04089).
 */
export const taskVector = (trained: NamedTensors, base: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(trained).flatMap(([name, weight]) => (base[name] ? [[name, add(weight, mul(base[name], -1))]] : [])),
  )

/**
 * weights + scale · vector, where the vector has something to add (DUCT merges every task's vector so, scaled by its similarity).
 */
export const addTaskVector = (weights: NamedTensors, vector: NamedTensors, scale: number): NamedTensors =>
  mapWeights(weights, (weight, name) => (vector[name] ? add(weight, mul(vector[name], scale)) : weight))
