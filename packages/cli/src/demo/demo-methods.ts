import type { JsonValue } from '@pilotjs/core'

type Options = Readonly<Record<string, JsonValue>>

/** As for `stagedRecipeOptions`: a first task that a random head starts from, and short later ones. */
const staged = (baseEpochs: number, baseLearningRate: number, epochs: number, learningRate: number): Options => ({
  ...{ baseEpochs, baseLearningRate, epochs, learningRate },
})
/** Whole batches of what is remembered and what comes new, for the engine's sake. */
const rehearsal: Options = { batchSize: 40, memorySize: 200 }
const slow: Options = { batchSize: 24, epochs: 2, learningRate: 0.1, backboneScale: 0.05, milestones: [] }
const aligned: Options = { ...slow, alignEpochs: 2, samplesPerClass: 24 }
const adapter: Options = { batchSize: 24, bottleneck: 16 }

/**
 * What the demo compares, in this order, and with which options: each method's own, but for epochs, learning rates and sizes
 * that suit small images, few of them, and somebody who is watching. Methods that aren't installed are left out.
 */
export const demoMethods: Readonly<Record<string, Options>> = {
  finetune: { batchSize: 24, ...staged(2, 0.02, 1, 0.005) },
  simplecil: {},
  aper: { ...adapter, epochs: 4, learningRate: 0.2 },
  ranpac: { ...adapter, epochs: 4, learningRate: 0.05, projectionSize: 2000 },
  fecam: { ...adapter, epochs: 4, learningRate: 0.05 },
  l2p: { batchSize: 24, epochs: 1, learningRate: 0.01 },
  dualprompt: { batchSize: 24, epochs: 1, learningRate: 0.01 },
  'coda-prompt': { batchSize: 24, epochs: 1, learningRate: 0.01, poolSize: 50 },
  ease: { ...adapter, epochs: 1, learningRate: 0.05 },
  lae: { batchSize: 24, epochs: 1, learningRate: 0.01, freezeEpochs: 0 },
  slca: aligned,
  cofima: aligned,
  mos: { ...adapter, epochs: 1, learningRate: 0.05, alignEpochs: 2 },
  duct: { ...slow, epochs: 1, retrainEpochs: 1, slowEpochs: 0 },
  icarl: { ...rehearsal, ...staged(2, 0.02, 1, 0.02) },
  coil: { ...rehearsal, epochs: 2, learningRate: 0.02 },
  dgr: { ...rehearsal, ...staged(2, 0.02, 1, 0.02) },
  der: { batchSize: 44, memorySize: 100, ...staged(1, 0.02, 1, 0.01) },
  memo: { ...rehearsal, ...staged(2, 0.02, 1, 0.02) },
  foster: {
    ...rehearsal,
    baseEpochs: 2,
    baseLearningRate: 0.02,
    boostingEpochs: 1,
    compressionEpochs: 1,
    learningRate: 0.02,
  },
}

/** What it compares unless it is told: of each family those that have the most to say. */
export const shownMethods = ['finetune', 'simplecil', 'ranpac', 'l2p', 'ease', 'duct', 'icarl', 'memo'] as const

/** Exemplars in all where the demo takes all images: PILOT's number. A hundred are one a class, too few for DER's head. */
const fullMemory = 2000

/** A method's options in the demo; none of their own for a method that it does not know. */
export function demoOptions(method: string, { full }: { full: boolean }): Options {
  const options = demoMethods[method] ?? {}
  return full && 'memorySize' in options ? { ...options, memorySize: fullMemory } : options
}

/**
 * The names that a demo is asked for: those given, `all` that it knows, or those that it shows by itself, as far as they are
 * installed.
 * @param compared what it knows, in order, and shows by itself; default: `demoMethods`, of which it shows some
 */
export function namesOfDemo(
  given: readonly string[] | undefined,
  installed: readonly string[],
  compared?: Readonly<Record<string, Options>>,
): readonly string[] {
  const all = given?.includes('all')
  if (given && !all) return given
  const known = Object.keys(compared ?? demoMethods)
  const shown = all || compared ? known : shownMethods
  return shown.filter((name) => installed.includes(name))
}

/** Few enough images to compare all of them in three minutes on two cores; in whole batches, for the engine's sake. */
export const demoImages = { train: 12, test: 4 } as const

/**
 * What `pilot demo --photos` compares: methods that take any backbone, since the one for photographs is no transformer. Whole
 * networks of 224 px train a hundred times as long as those of icons; one pass a task shows what they forget.
 */
export const photoMethods: typeof demoMethods = {
  finetune: { batchSize: 16, baseEpochs: 1, baseLearningRate: 0.01, epochs: 1, learningRate: 0.01 },
  simplecil: {},
  ranpac: { tuning: 'none', projectionSize: 2000 },
  icarl: { batchSize: 16, memorySize: 40, baseEpochs: 1, baseLearningRate: 0.01, epochs: 1, learningRate: 0.01 },
}

/** The part of each class to test with, where a folder of photographs has no split of its own. */
export const photoTestFraction = 0.25
