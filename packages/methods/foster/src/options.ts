import { memoryOptions } from '@pilotjs/rehearsal'
import * as z from 'zod'

const epochs = z.int().nonnegative().default(20)
const learningRate = z.number().nonnegative().default(1e-3)
const weightDecay = z.number().nonnegative().default(5e-4)
const beta = z.number().min(0).lt(1)

/** FOSTER's options; defaults are those of PILOT's `exps/foster.json`. */
export const fosterOptions = z.object({
  compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: the expanded network scores, not the small one'),
  ...memoryOptions,
  fixedMemory: z.boolean().default(true).describe('keep memoryPerClass of each class instead of memorySize in all'),
  boostingBeta: beta.default(0.96).describe('how much rare classes weigh in boosting: from 0, as all, to below 1'),
  compressionBeta: beta.default(0.97).describe('the same in compression'),
  classCounts: z
    .enum(['images', 'positions'])
    .optional()
    .describe('what classes are weighed by; default images, and with compat pilot the sum of their positions'),
  distillationWeight: z.number().nonnegative().default(1).describe('of the old logits, in boosting'),
  temperature: z.number().positive().default(2).describe('softens both sides of a distillation'),
  newClassesReadOldFeatures: z.boolean().default(true).describe("false: only the new extractor's features"),
  alignTeacher: z.boolean().default(false).describe("scale new classes' rows to the old ones' length after boosting"),
  alignStudent: z.boolean().default(false).describe('the same after compression'),
  alignmentShare: z.number().positive().default(1).describe('aligned rows are (share ^ (old / new classes)) as long'),
  batchSize: z.int().positive().default(32).describe('images per step'),
  baseEpochs: epochs.describe('walks over the images of the first task'),
  baseLearningRate: learningRate,
  baseWeightDecay: weightDecay,
  boostingEpochs: epochs.describe('walks over the images of a later task, with the second extractor'),
  compressionEpochs: epochs.describe('walks over them again, to distil both into one'),
  learningRate,
  weightDecay: weightDecay.describe('in boosting; compression has none'),
})
