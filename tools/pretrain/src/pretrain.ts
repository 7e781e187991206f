import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { heldPart } from '@pilotjs/core/parts'
import { createRng } from '@pilotjs/core/random'
import { adamW, train } from '@pilotjs/core/training'
import type { NamedVariables } from '@pilotjs/core'
import type { Optimizer, PartGroup } from '@pilotjs/core/training'
import type { ImagePack, PackedSplit } from '@pilotjs/icons-100'
import { featuresOf, prototypeAccuracy, validationAccuracy } from './accuracy'
import { readCheckpoint, resume, saveCheckpoint, takeOver } from './checkpoint'
import type { TrainingState } from './checkpoint'
import { batchMaker } from './icon-batches'
import type { IconBatch } from './icon-batches'
import { meanFeatures } from './concept-loss'
import { createNetwork, PROXIES } from './network'
import type { Network } from './network'
import { learningRateAt } from './recipe'
import type { Recipe } from './recipe'
import { fitted } from './start-weights'
import type { StartWeights } from './start-weights'

export interface PretrainOptions {
  /** keeps `checkpoint.safetensors` and `log.jsonl` */
  folder: string
  corpus: ImagePack
  recipe: Recipe
  /** what a new training begins with; default: random weights */
  start?: StartWeights
  /** rounds between two looks at the validation split */
  validateEvery: number
  /** a stream to follow the use of the features on: logged, never used for a choice */
  probe?: { train: PackedSplit; test: PackedSplit; classes: number }
  /** rounds between two such looks */
  probeEvery: number
  print(line: string): void
  signal?: AbortSignal
}

const SPENT = new Error('The budget is spent.')

/**
 * Trains the backbone, or goes on where a training in the same folder stopped, until the budget is spent. Every round of
 * `recipe.roundSteps` steps ends with a checkpoint and a line in the log.
 */
export async function pretrain(options: PretrainOptions): Promise<TrainingState> {
  const { folder, corpus, print } = options
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'checkpoint.safetensors')
  const found = await readCheckpoint(file)
  const wanted = Object.keys(options.recipe).sort().join()
  if (found && Object.keys(found.state.recipe).sort().join() !== wanted) {
    throw new Error(`${file} was made by another recipe of this tool: choose another folder.`)
  }
  // a budget may grow from one run to the next; all else stays what it was
  const recipe: Recipe = found ? { ...found.state.recipe, budget: options.recipe.budget } : options.recipe
  const classes = corpus.classNames.length
  if (found && found.state.classes !== classes) {
    throw new Error(
      `${file} was trained on ${found.state.classes} concepts, the corpus has ${classes}: choose another folder.`,
    )
  }
  const rng = createRng(recipe.seed)
  const network = createNetwork(recipe, classes, rng)
  const optimizer = adamW({ learningRate: recipe.learningRate, betas: recipe.betas, weightDecay: recipe.weightDecay })
  if (found) resume(found, network, optimizer)
  else {
    if (options.start) takeOver(fitted(options.start, recipe), network.variables)
    await startProxies(network, options.corpus)
  }
  const { steps: earlierSteps = 0, model: earlier = recipe.model } = options.start ?? {}
  const earlierWidth = earlier.width < recipe.model.width ? { earlierWidth: earlier.width } : {}
  const state: TrainingState = { step: 0, seconds: 0, classes, earlierSteps, ...earlierWidth, ...found?.state, recipe }
  print(
    found ? `going on at step ${state.step}` : `starting: ${classes} concepts, ${corpus.splits.train!.length} drawings`,
  )
  try {
    await run(options, state, network, optimizer, file)
    return state
  } finally {
    network.dispose()
  }
}

async function startProxies({ proxies, features }: Network, { classNames, splits }: ImagePack): Promise<void> {
  const variable = proxies[PROXIES]
  if (!variable || !splits.train) return
  const means = await meanFeatures(splits.train, classNames.length, features)
  variable.assign(means)
  means.dispose()
}

async function run(
  options: PretrainOptions,
  state: TrainingState,
  network: Network,
  optimizer: Optimizer,
  file: string,
): Promise<void> {
  const { corpus, folder, probe, print } = options
  const { recipe } = state
  const { train: training, validation } = corpus.splits
  if (!training || !validation) throw new Error('The corpus has no train and validation splits; build it again.')
  const batches = batchMaker(training, recipe, createRng(recipe.seed).fork('batches'))
  const totalSteps =
    'epochs' in recipe.budget ? Math.ceil((recipe.budget.epochs * training.length) / recipe.batchSize) : Infinity

  let since = performance.now()
  const seconds = () => state.seconds + (performance.now() - since) / 1000
  const progress = () =>
    'minutes' in recipe.budget ? seconds() / (60 * recipe.budget.minutes) : state.step / totalSteps
  const stop = new AbortController()
  options.signal?.addEventListener('abort', () => stop.abort(options.signal!.reason))

  let losses: number[] = []
  let roundStart = { step: state.step, seconds: state.seconds, making: batches.seconds() }
  const endRound = async (last: boolean) => {
    const done = Math.min(1, progress())
    state.seconds = seconds()
    since = performance.now()
    const steps = state.step - roundStart.step
    const line: Record<string, number> = {
      step: state.step,
      epoch: round((state.step * recipe.batchSize) / training.length, 3),
      minutes: round(state.seconds / 60, 2),
      progress: round(done, 4),
      learningRate: learningRateAt(recipe, done),
      loss: round(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 4),
      msPerStep: round((1000 * (state.seconds - roundStart.seconds)) / steps, 1),
      msPerStepAugmenting: round((1000 * (batches.seconds() - roundStart.making)) / steps, 1),
    }
    const number = Math.round(state.step / recipe.roundSteps)
    if (last || number % options.validateEvery === 0) {
      state.validation = await validationAccuracy(training, validation, network.features)
      line.validationAccuracy = round(state.validation, 4)
    }
    if (probe && (last || number % options.probeEvery === 0)) {
      const seen = await featuresOf(probe.train, network.features)
      const unseen = await featuresOf(probe.test, network.features)
      line.simpleCilAccuracy = round(prototypeAccuracy(seen, unseen, probe.classes), 4)
    }
    await saveCheckpoint(file, network, optimizer, state)
    await appendFile(join(folder, 'log.jsonl'), `${JSON.stringify(line)}\n`)
    print(JSON.stringify(line))
    losses = []
    since = performance.now()
    roundStart = { step: state.step, seconds: state.seconds, making: batches.seconds() }
  }

  async function* roundBatches(number: number): AsyncGenerator<IconBatch> {
    const end = Math.min((number + 1) * recipe.roundSteps, totalSteps)
    for (let step = number * recipe.roundSteps; step < end; step++) {
      if (step < state.step) throw new Error('A round was drawn twice.')
      yield batches.at(step, progress())
    }
  }

  try {
    await train({
      phase: 'pre-training',
      parts: groupsOf({ ...network.variables, ...network.proxies }),
      recipe: {
        epochs: Math.ceil(totalSteps / recipe.roundSteps),
        batchSize: recipe.batchSize,
        learningRate: optimizer.learningRate,
        weightDecay: optimizer.weightDecay,
        // One that lives on from round to round, and is saved with the checkpoint.
        optimizer: { name: 'resumed', description: 'goes on from a checkpoint', create: () => optimizer },
        schedule: () => learningRateAt(recipe, Math.min(1, progress())),
      },
      on: { stepsPerEpoch: recipe.roundSteps, batches: roundBatches },
      loss: (batch) => network.loss(batch),
      clipNorm: recipe.clipNorm,
      start: { epoch: Math.floor(state.step / recipe.roundSteps) },
      afterStep: () => {
        state.step++
      },
      // Each step is counted, and the rate follows the clock.
      replay: false,
      afterEpoch: async () => {
        const last = state.step >= totalSteps || progress() >= 1
        await endRound(last)
        if (last) stop.abort(SPENT)
      },
      context: {
        rng: createRng(recipe.seed),
        report: (event) => {
          if (event.kind === 'step') losses.push(event.loss)
        },
        signal: stop.signal,
      },
    })
  } catch (error) {
    if (error !== SPENT) throw error
  }
}

/** Weight decay is for matrices: not for biases, norms, positions and the class token. */
function groupsOf(variables: NamedVariables): PartGroup[] {
  const isMatrix = (name: string) => /(qkv|proj|fc1|fc2)\.weight$/.test(name)
  const pick = (matrices: boolean) =>
    Object.fromEntries(Object.entries(variables).filter(([name]) => isMatrix(name) === matrices))
  return [{ parts: [heldPart(pick(true))] }, { parts: [heldPart(pick(false))], weightDecay: 0 }]
}

const round = (value: number, digits: number) => Number(value.toFixed(digits))
