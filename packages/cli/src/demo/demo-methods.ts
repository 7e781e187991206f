import type { JsonValue } from '@pilotjs/core'

/**
 * What the demo compares, in this order, and with which options: each method's own, but for epochs, learning rates and sizes
 * that suit small images, few of them, and somebody who is watching. Methods that aren't installed are left out.
 */
export const demoMethods: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  finetune: { batchSize: 64, baseEpochs: 3, baseLearningRate: 0.01, epochs: 3, learningRate: 0.01 },
  simplecil: {},
  aper: { batchSize: 64, epochs: 5, learningRate: 0.05, bottleneck: 16 },
  ranpac: { batchSize: 64, epochs: 5, learningRate: 0.05, bottleneck: 16, projectionSize: 2000 },
  l2p: { batchSize: 64, epochs: 3, learningRate: 0.01 },
  icarl: { batchSize: 64, memorySize: 500, baseEpochs: 3, baseLearningRate: 0.01, epochs: 2, learningRate: 0.01 },
  ease: { batchSize: 64, epochs: 3, learningRate: 0.05, bottleneck: 16 },
  der: { batchSize: 64, memorySize: 500, baseEpochs: 3, baseLearningRate: 0.01, epochs: 2, learningRate: 0.01 },
}

/** Few enough images to compare all of them in three minutes on two cores; whole batches, for the engine's sake. */
export const demoImages = { train: 32, test: 10 } as const
