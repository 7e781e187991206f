import type { VitConfig } from '@pilotjs/core/backbones'

/** What is trained and how; kept in every checkpoint. */
export interface Recipe {
  model: VitConfig
  seed: number
  /** drawings in a step; two each of half as many concepts */
  batchSize: number
  learningRate: number
  weightDecay: number
  betas: [number, number]
  clipNorm: number
  /** Cosines are divided by it before the softmax over a batch. */
  temperature: number
  /**
   * Weight of the loss that tells concepts apart by a vector for each, beside the loss of pairs; 0: pairs alone. For a training
   * that begins with weights: the vectors begin as the means of what these see.
   */
  conceptWeight: number
  /** Share of the training during which the learning rate rises. */
  warmup: number
  /** How strongly icons are changed at most, 0 … 1: short trainings learn more from icons nearly as they are. */
  augmentation: number
  /** Share of the training after which augmentation is that strong. */
  augmentationRamp: number
  /** Patches of each image that take part in a step, for the first `patchDropoutUntil` of the training. */
  keptPatches: number
  patchDropoutUntil: number
  /** Steps between two checkpoints. */
  roundSteps: number
  /** When the training ends: after so many times the corpus' number of drawings, or so many minutes of training. */
  budget: { epochs: number } | { minutes: number }
}

/** The recipe of the embedded backbone: 1.2 million weights, 32 pixels, patches of 4. */
export const ICON_RECIPE: Omit<Recipe, 'budget' | 'conceptWeight'> = {
  model: { imageSize: 32, patchSize: 4, width: 128, depth: 6, heads: 4 },
  seed: 1993,
  batchSize: 96,
  learningRate: 1e-3,
  weightDecay: 0.05,
  betas: [0.9, 0.98],
  clipNorm: 1,
  temperature: 0.1,
  warmup: 0.04,
  augmentation: 0.5,
  augmentationRamp: 0.3,
  keptPatches: 28,
  patchDropoutUntil: 0.85,
  roundSteps: 250,
}

/** Linear warm-up, then half a cosine down to zero. */
export function learningRateAt(recipe: Recipe, progress: number): number {
  const { learningRate, warmup } = recipe
  if (progress < warmup) return (learningRate * progress) / warmup
  return (learningRate * (1 + Math.cos((Math.PI * (progress - warmup)) / (1 - warmup)))) / 2
}
