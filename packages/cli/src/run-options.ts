import type { Command } from 'commander'
import { Option } from 'commander'
import { engine, fraction, gathered, oneOf, positive, precision, seeds, tracking } from './flag-values'
import { tailOptions, taskOptions } from './stream-flags'

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
    ...tailOptions(),
    oneOf(new Option('--check <what>', 'read of every image beforehand (default: header)'), [
      'none',
      'header',
      'decode',
    ]),
  ),
  ...group('Tasks:', ...taskOptions()),
  ...group(
    'Learning:',
    flag(
      '--backbone <name|file>',
      'pre-trained network (default: vit-icons for icons-100, efficientnet-lite0 for a folder, else vit_base_patch16_224.augreg_in21k)',
    ),
    flag('--preprocessing <recipe>', "how images are prepared: a preset, or mean=…;std=… (default: the weights' own)"),
    precision(),
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

/** Adds them to the command. */
export function addRunOptions(command: Command): Command {
  for (const option of runOptions()) command.addOption(option)
  return command
}

/** Names of the command's own flags, without dashes. */
export const ownFlags = (): ReadonlySet<string> =>
  new Set(['help', ...runOptions().map(({ long }) => long!.replace(/^--/, ''))])
