import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import { decodeImagePack, loadIcons100 } from '@pilotjs/icons-100'
import { loadVitIcons } from '@pilotjs/vit-icons'
import { Command, InvalidArgumentError } from 'commander'
import { exportBackbone } from './export-backbone'
import { pretrain } from './pretrain'
import { ICON_RECIPE } from './recipe'
import { ridgeByFamily } from './ridge-by-family'
import { readStartWeights } from './start-weights'

const tool = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const corpusFile = resolve(tool, '../build-icons/.cache/corpus.bin')
const backbonePackage = resolve(tool, '../../packages/vit-icons')

const positive = (text: string) => {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is wanted.')
  return value
}

const program = new Command('pretrain').description('Pre-train the embedded backbone on icons')

program
  .command('run', { isDefault: true })
  .description('train, or go on with a training that was stopped')
  .option('--minutes <n>', 'train for so many minutes', positive)
  .option('--epochs <n>', 'train on so many times the number of drawings of the corpus', positive)
  .option('--folder <folder>', 'where checkpoint and log are kept', join(tool, 'runs/vit-icons'))
  .option('--start <file>', 'exported weights that a new training begins with, of the same width or narrower')
  .option('--corpus <file>', 'made by tools/build-icons', corpusFile)
  .option('--patches <n>', 'patches of each image that take part at first', positive, ICON_RECIPE.keptPatches)
  .option('--patches-until <share>', 'of the training; then all do', positive, ICON_RECIPE.patchDropoutUntil)
  .option('--learning-rate <x>', 'the highest', positive, ICON_RECIPE.learningRate)
  .option('--concept-weight <x>', 'of the loss that tells all concepts apart, in a training with --start', positive, 1)
  .option('--width <n>', 'numbers per token', positive, ICON_RECIPE.model.width)
  .option('--heads <n>', 'attention heads', positive, ICON_RECIPE.model.heads)
  .option('--engine <name>', 'onnx, tfjs-node-gpu, …; auto might take one that is far too slow', 'onnx')
  .action(async (options: RunOptions) => {
    const { minutes, epochs, folder, start, corpus, width, heads, engine } = options
    const { patches, patchesUntil, learningRate, conceptWeight } = options
    if ((minutes === undefined) === (epochs === undefined)) program.error('Give either --minutes or --epochs.')
    const selection = await selectEngine(engine as 'auto')
    console.log(
      ['engine:', selection.engine, ...selection.passedOver.map((p) => `(${p.engine}: ${p.reason})`)].join(' '),
    )
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort(new Error('Stopped; the same command goes on from the last checkpoint.')))
    const icons = await loadIcons100()
    const state = await pretrain({
      folder,
      corpus: decodeImagePack(await readFile(corpus)),
      recipe: {
        ...ICON_RECIPE,
        model: { ...ICON_RECIPE.model, width, heads },
        learningRate,
        keptPatches: patches,
        patchDropoutUntil: patchesUntil,
        conceptWeight: start === undefined ? 0 : conceptWeight,
        budget: minutes === undefined ? { epochs: epochs! } : { minutes },
      },
      ...(start !== undefined && { start: await readStartWeights(start) }),
      validateEvery: 8,
      probe: { ...icons.arrays, classes: icons.classNames.length },
      probeEvery: 8,
      print: console.log,
      signal: stop.signal,
    })
    console.log(`finished after ${state.step} steps, ${(state.seconds / 60).toFixed(1)} minutes`)
  })

program
  .command('export')
  .description('write weights (float16) and model card from a checkpoint into the backbone package')
  .option('--folder <folder>', 'where checkpoint and log are kept', join(tool, 'runs/vit-icons'))
  .option('--corpus <file>', 'made by tools/build-icons', corpusFile)
  .option('--out <folder>', 'the backbone package', backbonePackage)
  .action(async ({ folder, corpus, out }: { folder: string; corpus: string; out: string }) => {
    await selectEngine('auto')
    const icons = await loadIcons100()
    const pack = decodeImagePack(await readFile(corpus))
    console.log(await exportBackbone({ folder, out, corpus: pack, icons }))
  })

program
  .command('ridge')
  .description(
    'which ridge strength RanPAC needs on the backbone package: Icons-100 training drawings, families of sets left out in turn',
  )
  .option('--projection-size <n>', 'numbers per image after the random projection', positive, 5000)
  .action(async ({ projectionSize }: { projectionSize: number }) => {
    await selectEngine('onnx')
    const { arrays, sets, classNames } = await loadIcons100()
    const backbone = await loadVitIcons()
    const strengths = [1e2, 1e3, 1e4, 1e5, 1e6]
    const accuracies = await ridgeByFamily({
      split: arrays.train,
      sets,
      classes: classNames.length,
      apply: (images) => backbone.features(images),
      projectionSize,
      strengths,
      folds: 4,
      rng: createRng(ICON_RECIPE.seed),
    })
    strengths.forEach((strength, i) => console.log(`ridge ${strength}: ${(100 * accuracies[i]!).toFixed(1)} %`))
  })

interface RunOptions {
  minutes?: number
  epochs?: number
  folder: string
  start?: string
  corpus: string
  width: number
  heads: number
  patches: number
  patchesUntil: number
  learningRate: number
  conceptWeight: number
  engine: string
}

await program.parseAsync()
