import * as tf from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import type { Batch } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import type { NamedTensors, NamedVariables } from '../contracts/tensors'
import { parameterCount } from '../parameters/variables'
import { flushEngine } from './engine-hints'
import { clipByNorm, gradientsOf } from './gradients'
import type { Optimizer } from './optimizer'
import { type Schedule, type TrainPosition, constant } from './schedule'

/** Parameters with a learning rate or weight decay of their own. */
export interface ParameterGroup {
  readonly parameters: NamedVariables
  readonly learningRate?: number
  readonly weightDecay?: number
}

export interface TrainOptions {
  /** Named in progress, in errors and to `context.prepared`. Default `train`. */
  phase?: string
  /** What the loss is differentiated by, and nothing else is. */
  parameters: NamedVariables | readonly ParameterGroup[]
  /** Called inside `tf.tidy` and on the tape. */
  loss(batch: Batch, position: TrainPosition): Scalar
  /** `train` disposes what it remembers when training ends. */
  optimizer: Optimizer
  /** Default: constant. */
  schedule?: Schedule
  epochs: number
  stepsPerEpoch: number
  /** The batches of an epoch; see `epochBatches`. `train` disposes them. */
  batches(epoch: number): AsyncIterable<Batch>
  /** Upper bound of the joint L2 norm of all gradients. */
  clipNorm?: number
  /** Changes the gradients before they are clipped and applied. Inside `tf.tidy`. */
  adjust?(gradients: NamedTensors, position: TrainPosition): NamedTensors
  /** After the parameters have changed. Inside `tf.tidy`. */
  afterStep?(position: TrainPosition): void
  /** After an epoch's last step is done: validate, or save parameters and `optimizer.state()`. */
  afterEpoch?(epoch: number): void | Promise<void>
  /** Where to go on from; the batches of earlier steps in its epoch are drawn and let go. */
  start?: { readonly epoch: number; readonly step?: number }
  context: Pick<LearnContext, 'report' | 'signal' | 'prepared'>
}

/** How long training may keep the thread before timers and signals get a turn, in milliseconds. */
const patience = 50

/**
 * The one training loop. Every step differentiates the loss by the parameters, lets the optimizer change them, and
 * reports the loss as it was before that change.
 * @throws Error when the loss is not finite, naming epoch and step; the signal's reason when aborted
 */
export async function train(options: TrainOptions): Promise<void> {
  const { phase = 'train', optimizer, schedule = constant(), epochs, stepsPerEpoch, context, start } = options
  const groups = groupsOf(options.parameters)
  const parameters = Object.assign({}, ...groups.map((group) => group.parameters)) as NamedVariables
  if (Object.keys(parameters).length === 0) throw new Error(`Training '${phase}': there are no parameters to train`)
  await context.prepared?.(parameters, phase)
  // What prepared the parameters is computed by itself, or an engine would build a program for the first step alone.
  flushEngine()
  context.report({ kind: 'phase', phase, epochs, stepsPerEpoch, trainableParameters: parameterCount(parameters) })

  const rateOf = (group: ParameterGroup, position: TrainPosition) =>
    schedule(group.learningRate ?? optimizer.learningRate, position)

  const takeStep = (batch: Batch, position: TrainPosition): Scalar =>
    tf.tidy(() => {
      const { loss, gradients } = gradientsOf(() => options.loss(batch, position), parameters)
      const adjusted = options.adjust?.(gradients, position) ?? gradients
      const applied = options.clipNorm === undefined ? adjusted : clipByNorm(adjusted, options.clipNorm)
      optimizer.update(
        groups.map((group) => ({
          learningRate: rateOf(group, position),
          weightDecay: group.weightDecay ?? optimizer.weightDecay,
          entries: Object.entries(group.parameters).flatMap(([name, variable]) => {
            const gradient = applied[name]
            return gradient ? [{ name, variable, gradient }] : []
          }),
        })),
      )
      options.afterStep?.(position)
      return loss
    })

  // A loss is read one step behind, so that an engine that computes beside this thread always has work.
  let pending: { loss: Scalar; position: TrainPosition } | undefined
  const settle = async () => {
    if (!pending) return
    const { loss, position } = pending
    pending = undefined
    const learningRate = rateOf(groups[0]!, position)
    const value = (await loss.data().finally(() => loss.dispose()))[0]!
    if (!Number.isFinite(value)) throw diverged(phase, position, learningRate, value)
    context.report({ kind: 'step', phase, ...position, loss: value, learningRate })
  }

  let lastPause = performance.now()
  const breathe = async () => {
    if (performance.now() - lastPause < patience) return
    await new Promise<void>((resolve) => setTimeout(resolve))
    lastPause = performance.now()
  }

  try {
    for (let epoch = start?.epoch ?? 0; epoch < epochs; epoch++) {
      const first = epoch === start?.epoch ? (start.step ?? 0) : 0
      let step = 0
      for await (const batch of options.batches(epoch)) {
        try {
          context.signal.throwIfAborted()
          if (step >= first) {
            const position = { epoch, epochs, step, stepsPerEpoch }
            const loss = takeStep(batch, position)
            flushEngine()
            const previous = settle()
            pending = { loss, position }
            await previous
          }
        } finally {
          batch.dispose()
        }
        step++
        await breathe()
      }
      if (step === 0) {
        throw new Error(
          `Training '${phase}' got no batch in epoch ${epoch}: there are no images, or fewer than a batch with dropLast`,
        )
      }
      if (options.afterEpoch) {
        await settle()
        await options.afterEpoch(epoch)
      }
    }
    await settle()
    context.signal.throwIfAborted()
  } finally {
    pending?.loss.dispose()
    optimizer.dispose()
  }
}

const groupsOf = (parameters: TrainOptions['parameters']): readonly ParameterGroup[] =>
  Array.isArray(parameters) ? (parameters as readonly ParameterGroup[]) : [{ parameters: parameters as NamedVariables }]

function diverged(phase: string, { epoch, step }: TrainPosition, learningRate: number, loss: number): Error {
  return new Error(
    `Training '${phase}' gave a loss of ${loss} at epoch ${epoch}, step ${step} (counted from 0), learning rate ${learningRate}. ` +
      'Training has diverged or the images hold such numbers: lower the learning rate, clip gradients, or check data and preprocessing.',
  )
}
