import type { WeightShapes } from './architecture'

/** How many indices a pattern with one group finds among the names: the blocks of a stage. */
export function countBlocks(shapes: WeightShapes, pattern: RegExp): number {
  const indices = Object.keys(shapes).flatMap((name) => pattern.exec(name)?.[1] ?? [])
  return indices.length === 0 ? 0 : Math.max(...indices.map(Number)) + 1
}

export const cannotInfer = (text: string): Error => new Error(`cannot read the architecture off the weights: ${text}`)
