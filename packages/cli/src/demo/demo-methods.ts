import type { JsonValue } from '@pilotjs/core'

/**
 * What the demo compares, in this order, and with which options: each method's own, but for epochs, learning rates and sizes
 * that suit small images, few of them, and somebody who is watching. Methods that aren't installed are left out.
 */
export const demoMethods: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  finetune: { batchSize: 24, baseEpochs: 2, baseLearningRate: 0.02, epochs: 1, learningRate: 0.005 },
  simplecil: {},
  aper: { batchSize: 24, epochs: 4, learningRate: 0.2, bottleneck: 16 },
  ranpac: { batchSize: 24, epochs: 4, learningRate: 0.05, bottleneck: 16, projectionSize: 2000 },
  l2p: { batchSize: 24, epochs: 1, learningRate: 0.01 },
  icarl: { batchSize: 40, memorySize: 200, baseEpochs: 2, baseLearningRate: 0.02, epochs: 1, learningRate: 0.02 },
  ease: { batchSize: 24, epochs: 1, learningRate: 0.05, bottleneck: 16 },
  der: { batchSize: 44, memorySize: 100, baseEpochs: 1, baseLearningRate: 0.02, epochs: 1, learningRate: 0.01 },
}

/** Few enough images to compare all of them in three minutes on two cores; in whole batches, for the engine's sake. */
export const demoImages = { train: 12, test: 5 } as const

/**
 * What `pilot demo --photos` compares: methods that take any backbone, since the one for photographs is no transformer. Whole networks of
 * 224 px train a hundred times as long as those of icons; one pass a task shows what they forget.
 */
export const photoMethods: typeof demoMethods = {
  finetune: { batchSize: 16, baseEpochs: 1, baseLearningRate: 0.01, epochs: 1, learningRate: 0.01 },
  simplecil: {},
  ranpac: { tuning: 'none', projectionSize: 2000 },
  icarl: { batchSize: 16, memorySize: 40, baseEpochs: 1, baseLearningRate: 0.01, epochs: 1, learningRate: 0.01 },
}

/** The part of each class to test with, where a folder of photographs has no split of its own. */
export const photoTestFraction = 0.25
