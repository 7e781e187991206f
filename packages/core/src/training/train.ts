import * as tf from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import type { Batch, LabeledImages } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import type { Mode } from '../contracts/mode'
import type { NamedTensors, NamedVariables } from '../contracts/tensors'
import { type Part, joinVariables, trainableOf } from '../parts/part'
import { type Recipe, optimizerOf, scheduleOf } from './recipe'
import { parameterCount } from '../parameters/variables'
import { type Rng, createRng } from '../random/rng'
import { epochBatches } from './batches'
import { flushEngine } from './engine-hints'
import { clipByNorm, gradientsOf } from './gradients'
import type { TrainPosition } from './schedule'
import { stepReplay } from './step-replay'

/** Parts with a learning rate or weight decay of their own. */
export interface PartGroup {
  readonly parts: readonly Part[]
  readonly learningRate?: number
  readonly weightDecay?: number
}

/** What a loss is told beside its batch: where training stands, and (as a forward pass takes it) that this is training. */
export interface TrainStep extends TrainPosition, Required<Mode> {}

/** What training walks over: batches of images, of features, of anything that can be let go. */
export interface BatchSource<B extends { dispose(): void } = Batch> {
  readonly stepsPerEpoch: number
  /** The batches of an epoch; `train` disposes them. */
  batches(epoch: number): AsyncIterable<B>
}

export interface TrainOptions<B extends { dispose(): void } = Batch> {
  /** Named in progress and in errors. Default `train`. */
  phase?: string
  /** What trains: all that is trainable of these parts, and nothing else. */
  parts: readonly (Part | PartGroup)[]
  recipe: Recipe
  /** Images to walk over in view `train`, in an order drawn anew each epoch; or batches of your own. */
  on: LabeledImages | BatchSource<B>
  /** Leave out a last batch of images that is not full. Default false. */
  dropLast?: boolean
  /**
   * Called inside `tf.tidy` and on the tape. Where it hands `step` to a forward pass, that knows it is training. An engine may
   * call it for the first steps only and replay them then: see `replay`.
   */
  loss(batch: B, step: TrainStep): Scalar
  /** Upper bound of the joint L2 norm of all gradients. */
  clipNorm?: number
  /** Changes the gradients, by `PART'S PLACE.NAME`, before they are clipped and applied. Inside `tf.tidy`. */
  adjust?(gradients: NamedTensors, step: TrainStep): NamedTensors
  /** Before a step, once the one before it is done: renew what the loss compares with. Such steps are not replayed. */
  beforeStep?(step: TrainPosition): void | Promise<void>
  /** After the parameters have changed. Inside `tf.tidy`. */
  afterStep?(step: TrainStep): void
  /** After an epoch's last step is done: validate, or save parameters. */
  afterEpoch?(epoch: number): void | Promise<void>
  /** Where to go on from; the batches of earlier steps in its epoch are drawn and let go. */
  start?: { readonly epoch: number; readonly step?: number }
  /**
   * Whether an engine that can may replay steps, without calling `loss`, `adjust`, `afterStep` and the optimizer: with the same
   * bits, as long as what they compute depends on the batch's tensors, `step`, variables (`tf.Variable`), `renewed` numbers, and
   * otherwise on what stays as it is for an epoch. Steps that draw random numbers in other ways, read tensors or look at anything
   * else of the batch are noticed, and taken as they are. `false` where the loss has effects of its own. Default true.
   */
  replay?: boolean
  /** Told of progress, asked whether to stop, and the source of random numbers. Without one, seed 0 and nobody listening. */
  context?: Pick<LearnContext, 'report' | 'signal' | 'rng'>
}

/** How long training may keep the thread before timers and signals get a turn, in milliseconds: no longer task is felt in a page. */
const patience = 50

/**
 * The one training loop. Every step differentiates the loss by the parameters, lets the optimizer change them, and
 * reports the loss as it was before that change.
 * @throws Error when the loss is not finite, naming epoch and step; the signal's reason when aborted
 */
export async function train<B extends { dispose(): void } = Batch>(options: TrainOptions<B>): Promise<void> {
  const { phase = 'train', recipe, start, context = alone() } = options
  const { epochs } = recipe
  const groups = groupsOf(options.parts)
  const parameters = Object.assign({}, ...groups.map((group) => group.parameters)) as NamedVariables
  if (Object.keys(parameters).length === 0) throw new Error(`Training '${phase}': there are no parameters to train`)
  const { stepsPerEpoch, batches } = sourceOf(options, context.rng)
  const training = context.rng.fork('dropout')
  const optimizer = optimizerOf(recipe)
  const schedule = scheduleOf(recipe)
  context.report({ kind: 'phase', phase, epochs, stepsPerEpoch, trainableParameters: parameterCount(parameters) })
  // What made the parameters is computed by itself, or an engine would build a program for the first step alone.
  flushEngine()

  const rateOf = (group: ParameterGroup, position: TrainPosition) =>
    schedule(group.learningRate ?? recipe.learningRate, position)

  /** Where training stands: one object for all steps, so that what reads it later sees the step that is then at hand. */
  let current: TrainPosition = { epoch: 0, epochs, step: 0, stepsPerEpoch }
  const rates = 'learning rates'
  const replay = stepReplay<B>((what) =>
    what === rates ? groups.map((group) => rateOf(group, current)).join() : current[what as 'epoch' | 'step'],
  )
  if (options.replay === false || options.beforeStep) replay.dispose()
  // Batches of one's own, and what is done after an epoch, may change what a loss depends on.
  if (!isImages(options.on) || options.afterEpoch) replay.note('epoch')
  const here: TrainStep = {
    get epoch() {
      replay.note('epoch')
      return current.epoch
    },
    get step() {
      replay.note('step')
      return current.step
    },
    epochs,
    stepsPerEpoch,
    training,
  }

  const takeStep = (batch: B): Scalar =>
    tf.tidy(() => {
      const { loss, gradients } = gradientsOf(() => options.loss(batch, here), parameters)
      const adjusted = options.adjust?.(gradients, here) ?? gradients
      const applied = options.clipNorm === undefined ? adjusted : clipByNorm(adjusted, options.clipNorm)
      optimizer.update(
        groups.map((group) => ({
          get learningRate() {
            replay.note(rates)
            return rateOf(group, current)
          },
          weightDecay: group.weightDecay ?? optimizer.weightDecay,
          entries: Object.entries(group.parameters).flatMap(([name, variable]) => {
            const gradient = applied[name]
            return gradient ? [{ name, variable, gradient }] : []
          }),
        })),
      )
      options.afterStep?.(here)
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
  let lastBreath = lastPause
  const breathe = async () => {
    const now = performance.now()
    const took = now - lastBreath
    lastBreath = now
    // As much again would keep the thread for too long.
    if (now + took - lastPause < patience) return
    await new Promise<void>((resolve) => setTimeout(resolve))
    lastPause = lastBreath = performance.now()
  }

  let isFirst = true
  try {
    for (let epoch = start?.epoch ?? 0; epoch < epochs; epoch++) {
      const first = epoch === start?.epoch ? (start.step ?? 0) : 0
      let step = 0
      for await (const batch of batches(epoch)) {
        try {
          await breathe()
          context.signal.throwIfAborted()
          if (step >= first) {
            const position = { epoch, epochs, step, stepsPerEpoch }
            await options.beforeStep?.(position)
            current = position
            // The very first step makes the optimizer's state, and is like no other: it is only recorded here, and built after a pause.
            const loss = isFirst ? takeStep(batch) : replay.run(batch, takeStep)
            isFirst = false
            await breathe()
            flushEngine()
            const previous = settle()
            pending = { loss, position }
            await previous
          }
        } finally {
          batch.dispose()
        }
        step++
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
    replay.dispose()
    optimizer.dispose()
  }
}

interface ParameterGroup extends Omit<PartGroup, 'parts'> {
  readonly parameters: NamedVariables
}

/** Parameters under `PLACE.NAME`: parts know nothing of each other's names. */
function groupsOf(parts: readonly (Part | PartGroup)[]): readonly ParameterGroup[] {
  let place = 0
  const named = (own: readonly Part[]) =>
    joinVariables(Object.fromEntries(own.map((part) => [String(place++), part])), trainableOf)
  return parts.map((entry) =>
    'parts' in entry ? { ...entry, parameters: named(entry.parts) } : { parameters: named([entry]) },
  )
}

function sourceOf<B extends { dispose(): void }>(options: TrainOptions<B>, shuffle: Rng): BatchSource<B> {
  const { on, recipe, dropLast } = options
  if (!isImages(on)) return on
  // Images give batches of images: this is what B is then.
  return epochBatches(on, { size: recipe.batchSize, shuffle, dropLast }) as unknown as BatchSource<B>
}

const isImages = <B extends { dispose(): void }>(on: LabeledImages | BatchSource<B>): on is LabeledImages =>
  !('stepsPerEpoch' in on)

const alone = (): NonNullable<TrainOptions['context']> => ({
  rng: createRng(0),
  report: () => undefined,
  signal: new AbortController().signal,
})

function diverged(phase: string, { epoch, step }: TrainPosition, learningRate: number, loss: number): Error {
  return new Error(
    `Training '${phase}' gave a loss of ${loss} at epoch ${epoch}, step ${step} (counted from 0), learning rate ${learningRate}. ` +
      'Training has diverged or the images hold such numbers: lower the learning rate, clip gradients, or check data and preprocessing.',
  )
}
