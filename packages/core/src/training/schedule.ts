/** Where training stands. Counted from 0. */
export interface TrainPosition {
  readonly epoch: number
  readonly epochs: number
  readonly step: number
  readonly stepsPerEpoch: number
}

/** The learning rate of a step, from a parameter group's own. */
export type Schedule = (learningRate: number, position: TrainPosition) => number

/** The same rate throughout. */
export const constant = (): Schedule => (learningRate) => learningRate

/** × gamma at each milestone, an epoch (torch's `MultiStepLR`). */
export const multiStep =
  (options: { milestones: readonly number[]; gamma?: number }): Schedule =>
  (learningRate, { epoch }) =>
    learningRate * (options.gamma ?? 0.1) ** options.milestones.filter((milestone) => milestone <= epoch).length

/**
 * Half a cosine from the group's rate to `minimum` (SGDR without restarts, Loshchilov and Hutter, ICLR 2017; torch's
 * `CosineAnnealingLR`), stepped once an epoch or at every step.
 * @param options.epochs length of the half wave; default: all epochs
 */
export const cosine =
  (options: { minimum?: number; epochs?: number; per?: 'epoch' | 'step' } = {}): Schedule =>
  (learningRate, { epoch, epochs, step, stepsPerEpoch }) => {
    const { minimum = 0, per = 'epoch' } = options
    const time = per === 'epoch' ? epoch : epoch + step / stepsPerEpoch
    return minimum + ((learningRate - minimum) * (1 + Math.cos((Math.PI * time) / (options.epochs ?? epochs)))) / 2
  }

/**
 * A straight rise, at every step, from `from` to the group's rate during the first `epochs` (a fraction will do); then
 * another schedule, which sees the remaining epochs only.
 */
export const warmup =
  (options: { epochs: number; from?: number }, then: Schedule): Schedule =>
  (learningRate, position) => {
    const { epochs, from = 0 } = options
    const time = position.epoch + position.step / position.stepsPerEpoch
    if (time < epochs) return from + ((learningRate - from) * time) / epochs
    return then(learningRate, { ...position, epoch: position.epoch - epochs, epochs: position.epochs - epochs })
  }

/**
 * A fraction of another schedule's rate during the first epochs, then all of it (torch's `ConstantLR`, by whose defaults PILOT's
 * DUCT trains).
 */
export const heldBack =
  (options: { epochs: number; factor: number }, then: Schedule): Schedule =>
  (learningRate, position) =>
    then(learningRate, position) * (position.epoch < options.epochs ? options.factor : 1)

/** What a recipe says of its schedule. */
export interface ScheduleSettings {
  /** Where `cosine` ends. Default 0. */
  readonly minimumLearningRate?: number
  /** Epochs at which `multiStep` multiplies the learning rate … */
  readonly milestones?: readonly number[]
  /** … by this. Default 0.1. */
  readonly learningRateDecay?: number
}

/** A schedule that options may name. */
export interface ScheduleKind {
  readonly name: string
  readonly description: string
  create(settings: ScheduleSettings): Schedule
}

/** The schedules that options may name. One of your own goes into a recipe as a value. */
export const scheduleKinds: readonly ScheduleKind[] = [
  { name: 'constant', description: 'the same rate throughout', create: constant },
  {
    name: 'cosine',
    description: 'half a cosine down to minimumLearningRate',
    create: ({ minimumLearningRate }) => cosine({ minimum: minimumLearningRate }),
  },
  {
    name: 'multiStep',
    description: 'times learningRateDecay at each of the milestones',
    create: ({ milestones = [], learningRateDecay }) => multiStep({ milestones, gamma: learningRateDecay }),
  },
]
