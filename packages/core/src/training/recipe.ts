import * as z from 'zod'
import type { Task } from '../contracts/task'
import { PilotError } from '../errors/pilot-error'
import type { Optimizer } from './optimizer'
import { type OptimizerKind, optimizerKinds } from './optimizers'
import { type Schedule, constant, cosine, multiStep } from './schedule'

/** How one phase trains: what `train` takes, and what a method's options are made of. */
export interface Recipe {
  /** Walks over the images. */
  readonly epochs: number
  /** Images per step. */
  readonly batchSize: number
  readonly learningRate: number
  /** Default 0. */
  readonly weightDecay?: number
  /** One of `optimizerKinds` by name, or one of your own. Default sgd. */
  readonly optimizer?: string | OptimizerKind
  /** By name, or one of your own. Default constant. */
  readonly schedule?: 'constant' | 'cosine' | 'multiStep' | Schedule
  /** Where `cosine` ends. Default 0. */
  readonly minimumLearningRate?: number
  /** Epochs at which `multiStep` multiplies the learning rate … */
  readonly milestones?: readonly number[]
  /** … by this. Default 0.1. */
  readonly learningRateDecay?: number
}

/** A recipe's optimizer, new: momentum does not survive a phase. @throws PilotError `unknown-optimizer` */
export function optimizerOf({ optimizer = 'sgd', learningRate, weightDecay = 0 }: Recipe): Optimizer {
  const kind = typeof optimizer === 'string' ? optimizerKinds.find(({ name }) => name === optimizer) : optimizer
  if (!kind) {
    const known = optimizerKinds.map(({ name }) => name)
    throw new PilotError(
      'unknown-optimizer',
      `there is no optimizer "${String(optimizer)}"; there are ${known.join(', ')}`,
      {
        value: String(optimizer),
        known,
      },
    )
  }
  return kind.create({ learningRate, weightDecay })
}

/** A recipe's schedule. */
export function scheduleOf(recipe: Recipe): Schedule {
  const { schedule = 'constant', minimumLearningRate = 0, milestones = [], learningRateDecay = 0.1 } = recipe
  if (typeof schedule !== 'string') return schedule
  return {
    constant,
    cosine: () => cosine({ minimum: minimumLearningRate }),
    multiStep: () => multiStep({ milestones, gamma: learningRateDecay }),
  }[schedule]()
}

const epochs = z.int().nonnegative().describe('walks over the training images of a task')
const batchSize = z.int().positive().describe('images per step')
const learningRate = z.number().nonnegative()
const weightDecay = z.number().nonnegative()
const milestones = z
  .array(z.int().nonnegative())
  .describe('epochs at which the learning rate is multiplied by its decay')
const learningRateDecay = z.number().positive()

type Defaults<T> = T extends object ? { [K in keyof T]?: T[K] } : never
type NamedRecipe = Omit<Recipe, 'optimizer' | 'schedule'> & {
  optimizer: string
  schedule: 'constant' | 'cosine' | 'multiStep'
}

/** Option fields of a method that trains the same way in every task: spread into its `z.object`. The options are a recipe then. */
export const recipeOptions = (
  defaults: Defaults<NamedRecipe> & Pick<Recipe, 'epochs' | 'batchSize' | 'learningRate'>,
) => ({
  batchSize: batchSize.default(defaults.batchSize),
  epochs: epochs.default(defaults.epochs),
  learningRate: learningRate.default(defaults.learningRate),
  weightDecay: weightDecay.default(defaults.weightDecay ?? 0),
  optimizer: z.enum(optimizerKinds.map(({ name }) => name)).default(defaults.optimizer ?? 'sgd'),
  schedule: z.enum(['constant', 'cosine', 'multiStep']).default(defaults.schedule ?? 'cosine'),
  minimumLearningRate: z
    .number()
    .nonnegative()
    .default(defaults.minimumLearningRate ?? 0)
    .describe('where the cosine schedule ends'),
  milestones: milestones.default([...(defaults.milestones ?? [])]),
  learningRateDecay: learningRateDecay.default(defaults.learningRateDecay ?? 0.1),
})

/** What a stage of training is told when the first task differs from the later ones. */
export interface Stage {
  epochs: number
  learningRate: number
  milestones: number[]
  learningRateDecay: number
  weightDecay: number
}

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
export const stagedRecipeOptions = (defaults: { batchSize: number; base: Stage; increment: Stage }) => {
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

export interface StagedRecipe extends Stage {
  batchSize: number
  baseEpochs: number
  baseLearningRate: number
  baseMilestones: number[]
  baseLearningRateDecay: number
  baseWeightDecay: number
}

/** The recipe of the stage that a task belongs to. */
export function stagedRecipe(options: StagedRecipe, task: Task): Recipe {
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
  return { ...stage, batchSize: options.batchSize, optimizer: 'sgd', schedule: 'multiStep' }
}
