import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { RunFlags } from './commands/run'
import {
  count,
  engine,
  fraction,
  gathered,
  names,
  oneOf,
  positive,
  scenarios,
  seeds,
  share,
  tracking,
} from './flag-values'

const group = (heading: string, ...options: readonly Option[]) => options.map((option) => option.helpGroup(heading))
const flag = <T = string>(flags: string, description: string, read?: (text: string, before?: T) => T) => {
  const option = new Option(flags, description)
  return read ? option.argParser<T>(read) : option
}

/** What `pilot run` can be told, as `--help` shows it. */
const runOptions = (): readonly Option[] => [
  ...group(
    'Data:',
    flag('--data <name|folder>', 'dataset (default: icons-100)'),
    flag('--data-root <folder>', 'where named datasets lie (default: data)'),
    flag(
      '--split <part>',
      'for folders without a split: the part of each class to test with, drawn by the seed',
      fraction,
    ),
    oneOf(new Option('--kind <what>', 'of folders in a folder, where they could be either'), ['classes', 'domains']),
    oneOf(new Option('--orientation <how>', 'of photographs that say how they are to be turned (default: as-stored)'), [
      'as-stored',
      'upright',
    ]),
    flag('--train-per-class <n>', 'take only so many training images of each class', positive),
    flag('--test-per-class <n>', 'take only so many test images of each class', positive),
    flag('--long-tailed <ratio>', 'make classes smaller and smaller: images of the smallest over the largest', ratio),
    oneOf(new Option('--tail <order>', 'with --long-tailed: which classes are small (default: shuffled)'), [
      'shuffled',
      'ordered',
    ]),
    oneOf(new Option('--check <what>', 'read of every image beforehand (default: header)'), [
      'none',
      'header',
      'decode',
    ]),
  ),
  ...group(
    'Tasks:',
    oneOf(new Option('--scenario <kind>', 'what changes from task to task (default: class-incremental)'), scenarios),
    flag('--init-cls <n>', 'classes of the first task; 0: as many as --increment', count),
    flag('--increment <n>', 'classes of every later task (default: 10)', positive),
    flag('--no-shuffle', "take classes in the dataset's own order, not one drawn from the seed"),
    flag('--domains <names>', 'domain-incremental: these, in this order, with commas between (default: all)', names),
    flag('--shots <n>', 'few-shot: training images of each class after the first task (default: 5)', positive),
    flag('--tasks <n>', 'generalised: how many (default: 5)', positive),
    flag(
      '--disjoint-share <part>',
      'generalised: part of the classes that come in one task alone (default: 0.5)',
      share,
    ),
    flag(
      '--blurry-share <part>',
      "generalised: part of the others' images that is mixed between tasks (default: 0.1)",
      share,
    ),
    flag('--no-stochastic', 'generalised: tasks of even sizes (i-Blurry), not random ones (Si-Blurry)'),
    flag('--stream-batch <n>', 'online: images that come together (default: 10)', positive),
    flag('--evaluate-every <n>', 'online: batches from one evaluation to the next (default: 1)', positive),
  ),
  ...group(
    'Learning:',
    flag(
      '--backbone <name|file>',
      'pre-trained network (default: vit-icons for icons-100, efficientnet-lite0 for a folder, else vit_base_patch16_224.augreg_in21k)',
    ),
    flag('--preprocessing <recipe>', "how images are prepared: a preset, or mean=…;std=… (default: the weights' own)"),
    oneOf(new Option('--compat <how>', 'where PILOT departs from papers: paper, or pilot (its method, its pixels)'), [
      'paper',
      'pilot',
    ]),
    flag('--seed <n,…>', 'one run for each (default: 1993)', seeds),
    flag('--set <key=value>', "an option of the method's; may be given again and again", gathered),
    engine(),
    flag(
      '--score-batch-size <n>',
      'images per forward call when features are taken and images scored (default: by their size and the memory)',
      positive,
    ),
    flag('--out <folder>', 'where the run is saved (default: runs/METHOD-DATA-SEED)'),
    tracking(),
  ),
]

function ratio(text: string): number {
  const number = Number(text)
  if (number > 0 && number <= 1) return number
  throw new InvalidArgumentError('It must be a number above 0 and at most 1, such as 0.01.')
}

/** Adds them to the command. */
export function addRunOptions(command: Command): Command {
  for (const option of runOptions()) command.addOption(option)
  return command
}

/**
 * What was typed, as flags that were given. Commander sets what has a `--no-` form to true: a config's own word must not be
 * overruled by that.
 */
export const givenFlags = (parsed: RunFlags): RunFlags => ({
  ...parsed,
  shuffle: parsed.shuffle === false ? false : undefined,
  stochastic: parsed.stochastic === false ? false : undefined,
})

/** Names of the command's own flags, without dashes. */
export const ownFlags = (): ReadonlySet<string> =>
  new Set(['help', ...runOptions().map(({ long }) => long!.replace(/^--/, ''))])
