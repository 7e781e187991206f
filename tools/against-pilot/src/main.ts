import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadIcons100 } from '@pilotjs/icons-100'
import { Command, InvalidArgumentError } from 'commander'
import { sharedBackbone } from './backbone'
import { cases, comparedConfig, shippedConfig } from './cases'
import { compare } from './compare'
import { exportImages } from './export-images'
import { addToLedger, pilotResults } from './ledger-results'
import { commitOf } from './machine'
import { savedPairs } from './results-folder'
import type { Result } from '@pilotjs/ledger'
import type { PilotConfig } from './job'
import { report } from './report'
import { triedTable } from './markdown'
import type { Scale } from './scale'
import { tryConfigs } from './try-configs'

const whole = (text: string) => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number is wanted.')
  return Number(text)
}
const list = (text: string) => text.split(',')
/** `batch_size=44`, gathered: a value that is JSON is taken as such, everything else as text. */
function change(text: string, changes: PilotConfig): PilotConfig {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (key === undefined || value === undefined) throw new InvalidArgumentError('KEY=VALUE is wanted.')
  try {
    return { ...changes, [key]: JSON.parse(value) as PilotConfig[string] }
  } catch {
    return { ...changes, [key]: value }
  }
}
const wholes = (text: string) => list(text).map(whole)

interface ImageFlags {
  images?: string
  classes: number
  trainPerClass?: number
  testPerClass?: number
  out: string
}

interface CompareFlags extends ImageFlags, Required<Scale> {
  pilot: string
  python: string
  methods: string[]
  backbone: string
  change: PilotConfig
  ledger?: string
  seeds: number[]
  threads: number
}

const program = new Command('against-pilot').description('PILOT itself beside pilotjs')

program
  .command('compare', { isDefault: true })
  .description('run both sides in turn and print what they came to')
  .requiredOption('--pilot <folder>', 'a checkout of LAMDA-PILOT')
  .option('--python <file>', 'Python that has what python/requirements.txt names', 'python3')
  .option(
    '--methods <names>',
    'some of them',
    list,
    cases.map(({ name }) => name),
  )
  .option('--images <folder>', 'with train/CLASS/* and test/CLASS/*; default: Icons-100, exported')
  .option('--classes <n>', 'of Icons-100', whole, 100)
  .option('--train-per-class <n>', 'images of Icons-100', whole)
  .option('--test-per-class <n>', 'images of Icons-100', whole)
  .option('--backbone <name>', 'vit-icons, or a safetensors file of a ViT', 'vit-icons')
  .option('--increment <n>', 'classes a task', whole, 10)
  .option('--epochs <n>', 'the most that a phase of training takes', whole, 5)
  .option('--batch-size <n>', 'the most that a training batch holds', whole, 32)
  .option('--memory <n>', 'the most exemplars of all classes together', whole, 400)
  .option('--memory-per-class <n>', 'where a method keeps a fixed number', whole, 4)
  .option('--change <key=value>', "of every config, by PILOT's names; may be repeated", change, {})
  .option('--seeds <n,…>', 'runs of each method', wholes, [1993, 1994, 1995])
  .option('--threads <n>', 'of each side', whole, 1)
  .option('--out <folder>', 'takes images, logs and outcomes; what is there is not run again', 'runs/against-pilot')
  .option('--ledger <folder>', "adds what PILOT reached to the folder's ledger.json and ledger.md")
  .action(async (flags: CompareFlags) => {
    const { pilot, python, backbone, increment, epochs, batchSize, memory, memoryPerClass, seeds, threads } = flags
    const unknown = flags.methods.filter((name) => !cases.some((each) => each.name === name))
    if (unknown.length > 0)
      program.error(`There is no ${unknown.join(', ')}; there are ${cases.map((c) => c.name).join(', ')}.`)
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const out = resolve(flags.out)
    const failures: string[] = []
    for (const each of cases.filter(({ name }) => flags.methods.includes(name))) {
      try {
        const changes = { ...each.changes, ...flags.change }
        await compare(
          { ...each, changes },
          {
            checkout: resolve(pilot),
            python,
            images: await imagesOf(flags),
            backbone: await sharedBackbone(backbone),
            scale: { increment, epochs, batchSize, memory, memoryPerClass },
            seeds,
            threads,
            out,
            signal: stop.signal,
            print: (line) => console.error(line),
          },
        )
      } catch (error) {
        stop.signal.throwIfAborted()
        failures.push(`${each.name}: ${error instanceof Error ? error.message : String(error)}`)
        console.error(failures.at(-1))
      }
    }
    const per = (limit: number | undefined, word: string) => (limit === undefined ? `all ${word}` : `${limit} ${word}`)
    const data =
      flags.images ??
      `${flags.classes} classes of Icons-100, ${per(flags.trainPerClass, 'training')} and ${per(flags.testPerClass, 'test')} images a class`
    const changed = Object.entries(flags.change).map(([key, value]) => `, ${key} ${JSON.stringify(value)}`)
    const setting = `${data}; ${increment} classes a task, ${backbone}; PILOT's own configs with at most ${epochs} epochs a phase, batches of at most ${batchSize}, ${memory} exemplars${changed.join('')}.`
    console.log(await report({ out, checkout: resolve(pilot), setting, threads, date: new Date() }))
    if (flags.ledger !== undefined) await addToLedger(resolve(flags.ledger), await resultsFor(flags))
    if (failures.length > 0) process.exitCode = 1
  })

program
  .command('configs')
  .description("run each of PILOT's exps/*.json by `pilot run`, with one epoch a phase, and print what became of it")
  .requiredOption('--pilot <folder>', 'a checkout of LAMDA-PILOT')
  .option('--python <file>', 'any Python 3: it measures', 'python3')
  .option('--images <folder>', 'with train/CLASS/* and test/CLASS/*; default: Icons-100, exported')
  .option('--classes <n>', 'of Icons-100', whole, 40)
  .option('--train-per-class <n>', 'images of Icons-100', whole, 4)
  .option('--test-per-class <n>', 'images of Icons-100', whole, 2)
  .option('--backbone <name>', 'as pilot run takes it', 'vit-icons')
  .option('--out <folder>', 'takes images, logs and runs', 'runs/pilot-configs')
  .action(async (flags: ImageFlags & { pilot: string; python: string; backbone: string }) => {
    const { python, backbone } = flags
    const [checkout, out, images] = [resolve(flags.pilot), resolve(flags.out), await imagesOf(flags)]
    const tried = await tryConfigs({ checkout, python, images, backbone, out, print: (line) => console.error(line) })
    console.log(triedTable(tried))
  })

program
  .command('export')
  .description('write Icons-100 as a folder of images')
  .option('--classes <n>', 'the first so many', whole, 100)
  .option('--train-per-class <n>', 'images', whole)
  .option('--test-per-class <n>', 'images', whole)
  .requiredOption('--out <folder>')
  .action(async (flags: ImageFlags) => exportImages(await loadIcons100(), resolve(flags.out), flags))

/** What PILOT reached on whole data: figures on a part of a data set are no figures of that data set. */
async function resultsFor(flags: CompareFlags): Promise<Result[]> {
  const { increment, classes, trainPerClass, testPerClass } = flags
  if (!flags.images && (classes < 100 || trainPerClass !== undefined || testPerClass !== undefined))
    program.error('--ledger takes figures on all of Icons-100 only.')
  const checkout = resolve(flags.pilot)
  const backbone = await sharedBackbone(flags.backbone)
  const results: Result[] = []
  for (const each of cases.filter(({ name }) => flags.methods.includes(name))) {
    const pairs = await savedPairs(resolve(flags.out), each.name)
    if (pairs.length === 0) continue
    const shipped = await shippedConfig(each, checkout)
    const config = comparedConfig({ ...each, changes: { ...each.changes, ...flags.change } }, shipped, flags)
    const data = flags.images ?? 'icons-100'
    const [version, date] = [await commitOf(checkout), new Date()]
    results.push(
      ...(await pilotResults({ method: each.name, data, increment, backbone, shipped, config, pairs, version, date })),
    )
  }
  return results
}

/** The folder that was named, or one with Icons-100, exported at the first call. */
async function imagesOf(flags: ImageFlags): Promise<string> {
  if (flags.images !== undefined) return resolve(flags.images)
  const { classes, trainPerClass = 'all', testPerClass = 'all' } = flags
  const folder = join(resolve(flags.out), `icons-100-${classes}-${trainPerClass}-${testPerClass}`)
  if (!existsSync(folder)) await exportImages(await loadIcons100(), folder, flags)
  return folder
}

await program.parseAsync()
