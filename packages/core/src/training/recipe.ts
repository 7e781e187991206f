import * as z from 'zod'
import type { Task } from '../contracts/task'
import { PilotError } from '../errors/pilot-error'
import type { Optimizer } from './optimizer'
import { type OptimizerKind, optimizerKinds } from './optimizers'
import { type Schedule, type ScheduleSettings, scheduleKinds } from './schedule'

/** How one phase trains: what `train` takes, and what a method's options are made of. */
export interface Recipe extends ScheduleSettings {
  /** Walks over the images. */
  readonly epochs: number
  /** Images per step. */
  readonly batchSize: number
  readonly learningRate: number
  /** Default 0. */
  readonly weightDecay?: number
  /** One of `optimizerKinds` by name, or one of your own. Default sgd. */
  readonly optimizer?: string | OptimizerKind
  /** One of `scheduleKinds` by name, or one of your own. Default constant. */
  readonly schedule?: string | Schedule
}

/** A recipe's optimizer, new: momentum does not survive a phase. @throws PilotError `unknown-optimizer` */
export function optimizerOf({ optimizer = 'sgd', learningRate, weightDecay = 0 }: Recipe): Optimizer {
  const kind = typeof optimizer === 'string' ? named('optimizer', optimizer, optimizerKinds) : optimizer
  return kind.create({ learningRate, weightDecay })
}

/** A recipe's schedule. @throws PilotError `unknown-schedule` */
export function scheduleOf(recipe: Recipe): Schedule {
  const { schedule = 'constant' } = recipe
  return typeof schedule === 'string' ? named('schedule', schedule, scheduleKinds).create(recipe) : schedule
}

function named<Kind extends { readonly name: string }>(what: string, value: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find(({ name }) => name === value)
  if (kind) return kind
  const known = kinds.map(({ name }) => name)
  throw new PilotError(`unknown-${what}`, `there is no ${what} "${value}"; there are ${known.join(', ')}`, {
    value,
    known,
  })
}

/** An option that names one of several kinds, each with what it is. */
const oneOf = (kinds: readonly { readonly name: string; readonly description: string }[]) =>
  z
    .enum(kinds.map(({ name }) => name))
    .describe(kinds.map(({ name, description }) => `${name}: ${description}`).join('; '))

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
  schedule: string
}

/**
 * Option fields of a method that trains the same way in every task: spread into its `z.object`. The options are a recipe then.
 */
export const recipeOptions = (
  defaults: Defaults<NamedRecipe> & Pick<Recipe, 'epochs' | 'batchSize' | 'learningRate'>,
) => ({
  batchSize: batchSize.default(defaults.batchSize),
  epochs: epochs.default(defaults.epochs),
  learningRate: learningRate.default(defaults.learningRate),
  weightDecay: weightDecay.default(defaults.weightDecay ?? 0),
  optimizer: oneOf(optimizerKinds).default(defaults.optimizer ?? 'sgd'),
  schedule: oneOf(scheduleKinds).default(defaults.schedule ?? 'cosine'),
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
