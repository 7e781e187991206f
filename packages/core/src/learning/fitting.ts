import { z } from 'zod'
import type { PilotMapping } from '../contracts/pilot'
import type { Task } from '../contracts/task'
import { adam, adamW } from '../training/adam'
import type { Optimizer } from '../training/optimizer'
import { type Schedule, constant, cosine, multiStep } from '../training/schedule'
import { sgd } from '../training/sgd'

/** How long and how fast one phase trains. */
export interface Fitting {
  batchSize: number
  epochs: number
  learningRate: number
  weightDecay: number
  optimizer: 'sgd' | 'adam' | 'adamw'
  schedule: 'constant' | 'cosine' | 'multiStep'
  minimumLearningRate: number
  milestones: number[]
  learningRateDecay: number
}

const batchSize = z.int().positive().describe('images per step')
const epochs = z.int().nonnegative().describe('walks over the training images of a task')
const learningRate = z.number().nonnegative()
const weightDecay = z.number().nonnegative()
const milestones = z
  .array(z.int().nonnegative())
  .describe('epochs at which the learning rate is multiplied by its decay')
const learningRateDecay = z.number().positive()

/** Option fields of a method that trains the same way in every task: spread into its `z.object`. */
export const fitting = (defaults: Partial<Fitting> & Pick<Fitting, 'epochs' | 'batchSize' | 'learningRate'>) => ({
  batchSize: batchSize.default(defaults.batchSize),
  epochs: epochs.default(defaults.epochs),
  learningRate: learningRate.default(defaults.learningRate),
  weightDecay: weightDecay.default(defaults.weightDecay ?? 0),
  optimizer: z.enum(['sgd', 'adam', 'adamw']).default(defaults.optimizer ?? 'sgd'),
  schedule: z.enum(['constant', 'cosine', 'multiStep']).default(defaults.schedule ?? 'cosine'),
  minimumLearningRate: z
    .number()
    .nonnegative()
    .default(defaults.minimumLearningRate ?? 0)
    .describe('where the cosine schedule ends'),
  milestones: milestones.default(defaults.milestones ?? []),
  learningRateDecay: learningRateDecay.default(defaults.learningRateDecay ?? 0.1),
})

/** Those options as `train` takes them; a new optimizer each time, as PILOT makes one per task. SGD has momentum 0.9. */
export function fit(options: Omit<Fitting, 'batchSize'>): { epochs: number; optimizer: Optimizer; schedule: Schedule } {
  const { epochs, learningRate, weightDecay } = options
  const optimizers = {
    sgd: () => sgd({ learningRate, weightDecay, momentum: 0.9 }),
    adam: () => adam({ learningRate, weightDecay }),
    adamw: () => adamW({ learningRate, weightDecay }),
  }
  const schedules = {
    constant,
    cosine: () => cosine({ minimum: options.minimumLearningRate }),
    multiStep: () => multiStep({ milestones: options.milestones, gamma: options.learningRateDecay }),
  }
  return { epochs, optimizer: optimizers[options.optimizer](), schedule: schedules[options.schedule]() }
}

/** PILOT's names of `fitting`'s options. */
export const fittingPilotKeys: PilotMapping['keys'] = {
  tuned_epoch: 'epochs',
  batch_size: 'batchSize',
  init_lr: 'learningRate',
  weight_decay: 'weightDecay',
  min_lr: 'minimumLearningRate',
  optimizer: 'optimizer',
  init_milestones: 'milestones',
  init_lr_decay: 'learningRateDecay',
  scheduler: {
    read: (value) => ({ schedule: value === 'steplr' ? 'multiStep' : value }),
  },
}

/** What a stage of training is told when the first task differs from the later ones. */
export type Stage = Pick<Fitting, 'epochs' | 'learningRate' | 'milestones' | 'learningRateDecay' | 'weightDecay'>

const stage = (defaults: Stage) => ({
  epochs: epochs.default(defaults.epochs),
  learningRate: learningRate.default(defaults.learningRate),
  milestones: milestones.default(defaults.milestones),
  learningRateDecay: learningRateDecay.default(defaults.learningRateDecay),
  weightDecay: weightDecay.default(defaults.weightDecay),
})

/**
 * Option fields of a method that trains on the first task with settings of their own (PILOT's `init_…`): `baseEpochs`,
 * `baseLearningRate`, … for the first task, `epochs`, `learningRate`, … for the others. SGD with momentum 0.9, multi-step.
 */
export const stagedFitting = (defaults: { batchSize: number; base: Stage; increment: Stage }) => {
  const base = stage(defaults.base)
  return {
    batchSize: batchSize.default(defaults.batchSize),
    baseEpochs: base.epochs,
    baseLearningRate: base.learningRate,
    baseMilestones: base.milestones,
    baseLearningRateDecay: base.learningRateDecay,
    baseWeightDecay: base.weightDecay,
    ...stage(defaults.increment),
  }
}

export interface StagedFitting extends Stage {
  baseEpochs: number
  baseLearningRate: number
  baseMilestones: number[]
  baseLearningRateDecay: number
  baseWeightDecay: number
}

/** The stage that a task belongs to, as `train` takes it. */
export function fitStage(options: StagedFitting, task: Task): ReturnType<typeof fit> {
  const stage: Stage =
    task.index > 0
      ? options
      : {
          epochs: options.baseEpochs,
          learningRate: options.baseLearningRate,
          milestones: options.baseMilestones,
          learningRateDecay: options.baseLearningRateDecay,
          weightDecay: options.baseWeightDecay,
        }
  return fit({ ...stage, optimizer: 'sgd', schedule: 'multiStep', minimumLearningRate: 0 })
}

/** PILOT's names of `stagedFitting`'s options. */
export const stagedFittingPilotKeys: PilotMapping['keys'] = {
  batch_size: 'batchSize',
  init_epoch: 'baseEpochs',
  init_lr: 'baseLearningRate',
  init_milestones: 'baseMilestones',
  init_lr_decay: 'baseLearningRateDecay',
  init_weight_decay: 'baseWeightDecay',
  epochs: 'epochs',
  lrate: 'learningRate',
  milestones: 'milestones',
  lrate_decay: 'learningRateDecay',
  weight_decay: 'weightDecay',
}

/** PILOT's memory options, for a method that keeps no exemplars. */
export const withoutMemoryPilotKeys: PilotMapping['keys'] = {
  memory_size: { ignored: 'this method keeps no exemplars' },
  memory_per_class: { ignored: 'this method keeps no exemplars' },
  fixed_memory: { ignored: 'this method keeps no exemplars' },
}
