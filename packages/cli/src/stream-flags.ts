import type { Settings } from '@pilotjs/experiment'
import { InvalidArgumentError, Option } from 'commander'
import { count, names, oneOf, positive, scenarios, share } from './flag-values'
import { UsageError } from './usage-error'

/** What commands can be told of data and tasks by flags: of whatever a stream is made. */
export interface StreamFlags {
  readonly longTailed?: number
  readonly tail?: 'shuffled' | 'ordered'
  readonly scenario?: Settings['scenario']
  readonly initCls?: number
  readonly increment?: number
  readonly shuffle?: boolean
  readonly domains?: readonly string[]
  readonly shots?: number
  readonly tasks?: number
  readonly disjointShare?: number
  readonly blurryShare?: number
  readonly stochastic?: boolean
  readonly streamBatch?: number
  readonly evaluateEvery?: number
}

/** The flags in an experiment's own words. @throws UsageError for a flag that changes nothing */
export function streamSettingsOf(flags: StreamFlags): Settings {
  const { longTailed, tail } = flags
  if (tail !== undefined && longTailed === undefined)
    throw new UsageError('--tail says which classes --long-tailed makes small: give both')
  return {
    ...(longTailed === undefined ? {} : { longTailed: { ratio: longTailed, arrangement: tail } }),
    scenario: flags.scenario,
    baseClasses: flags.initCls,
    increment: flags.increment,
    shuffle: flags.shuffle,
    domains: flags.domains === undefined ? undefined : [...flags.domains],
    shots: flags.shots,
    tasks: flags.tasks,
    disjointShare: flags.disjointShare,
    blurryShare: flags.blurryShare,
    stochastic: flags.stochastic,
    batchSize: flags.streamBatch,
    evaluateEvery: flags.evaluateEvery,
  }
}

const flag = (words: string, description: string) => new Option(words, description)

/** Which images of the data there are, however they are read. */
export const tailOptions = (): readonly Option[] => [
  flag('--long-tailed <ratio>', 'make classes smaller and smaller: images of the smallest over the largest').argParser(
    ratio,
  ),
  oneOf(flag('--tail <order>', 'with --long-tailed: which classes are small (default: shuffled)'), [
    'shuffled',
    'ordered',
  ]),
]

/** How data become tasks. */
export const taskOptions = (): readonly Option[] => [
  oneOf(flag('--scenario <kind>', 'what changes from task to task (default: class-incremental)'), scenarios),
  flag('--init-cls <n>', 'classes of the first task; 0: as many as --increment').argParser(count),
  flag('--increment <n>', 'classes of every later task (default: 10)').argParser(positive),
  flag('--no-shuffle', "take classes in the dataset's own order, not one drawn from the seed"),
  flag('--domains <names>', 'domain-incremental: these, in this order, with commas between (default: all)').argParser(
    names,
  ),
  flag('--shots <n>', 'few-shot: training images of each class after the first task (default: 5)').argParser(positive),
  flag('--tasks <n>', 'generalised: how many (default: 5)').argParser(positive),
  flag(
    '--disjoint-share <part>',
    'generalised: part of the classes that come in one task alone (default: 0.5)',
  ).argParser(share),
  flag(
    '--blurry-share <part>',
    "generalised: part of the others' images that is mixed between tasks (default: 0.1)",
  ).argParser(share),
  flag('--no-stochastic', 'generalised: tasks of even sizes (i-Blurry), not random ones (Si-Blurry)'),
  flag('--stream-batch <n>', 'online: images that come together (default: 10)').argParser(positive),
  flag('--evaluate-every <n>', 'online: batches from one evaluation to the next (default: 1)').argParser(positive),
]

/**
 * What was typed, as flags that were given. Commander sets what has a `--no-` form to true: a config's own word must not be
 * overruled by that.
 */
export const givenFlags = <Flags extends StreamFlags>(parsed: Flags): Flags => ({
  ...parsed,
  shuffle: parsed.shuffle === false ? false : undefined,
  stochastic: parsed.stochastic === false ? false : undefined,
})

function ratio(text: string): number {
  const number = Number(text)
  if (number > 0 && number <= 1) return number
  throw new InvalidArgumentError('It must be a number above 0 and at most 1, such as 0.01.')
}
