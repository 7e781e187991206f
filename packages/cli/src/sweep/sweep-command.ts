import type { Command } from 'commander'
import { precisions } from '@pilotjs/core/backbones'
import { Option } from 'commander'
import type { SweepFlags } from '../commands/sweep'
import type { WorkerFlags } from '../commands/worker'
import { worker } from '../commands/worker'
import { sweep } from '../commands/sweep'
import {
  count,
  counts,
  engine,
  fraction,
  gathered,
  names,
  oneOf,
  positive,
  positives,
  scenarios,
  seeds,
  oneWord,
  someOf,
  tracking,
} from '../flag-values'
import type { OrderState } from '@pilotjs/sweep-queue'
import type { Terminal } from '../terminal/terminal'

/** `pilot sweep` and its flags. */
export function addSweep(root: Command, terminal: Terminal): void {
  root
    .command('sweep')
    .description('run a grid of methods, seeds, splits and options, several at a time; what is there is not run again')
    .argument('[SWEEP.json|yaml]', 'the grid, or a list of them; flags outdo it')
    .option('--methods <names>', 'with commas between, as all lists here', names)
    .option('--seeds <n,…>', 'one run for each (default: 1993)', seeds)
    .option('--data <names|folders>', 'datasets (default: icons-100)', names)
    .option('--data-root <folder>', 'where named datasets lie (default: data)')
    .option('--train-per-class <n>', 'take only so many training images of each class', positive)
    .option('--test-per-class <n>', 'take only so many test images of each class', positive)
    .option('--backbone <names|files>', 'pre-trained networks', names)
    .option('--preprocessing <recipe>', 'how images are prepared')
    .addOption(someOf(new Option('--precision <what,…>', "the backbone's numbers"), precisions))
    .addOption(someOf(new Option('--compat <how,…>', 'where PILOT departs from papers'), ['paper', 'pilot']))
    .option('--split <part>', 'for folders without a split: the part of each class to test with', fraction)
    .addOption(oneOf(new Option('--check <what>', 'read of every image beforehand'), ['none', 'header', 'decode']))
    .addOption(
      someOf(
        new Option('--scenario <kinds>', 'what changes from task to task; their own settings stand in the file'),
        scenarios,
      ),
    )
    .option('--init-cls <n,…>', 'classes of the first task; 0: as many as --increment', counts)
    .option('--increment <n,…>', 'classes of every later task (default: 10)', positives)
    .option('--no-shuffle', "take classes in the dataset's own order")
    .option('--set <option=value,…>', "an option of every method's, or method.option; may be given again", gathered)
    .addOption(engine())
    .option('--jobs <n>', 'runs at the same time (default: as many as cores and memory hold)', positive)
    .option('--out <folder>', "where the runs are saved (default: runs/sweep, or the file's name)")
    .addOption(tracking())
    .option('--queue <address>', 'redis://… or rediss://…: workers compute the runs (default: PILOT_QUEUE)')
    .addOption(queueCa())
    .option(
      '--state <what>',
      'with --queue: what outlives a worker: shared (the folder; default), s3://BUCKET/PREFIX, or anew (nothing)',
      orderState,
    )
    .option('--cancel', 'with --queue: take the runs out of the queue and away from workers; what is saved stays')
    .option('--priority <n>', 'with --queue: 1 comes first', positive)
    .option('--retries <n>', 'with --queue: how often a run is tried again that a machine failed (default: 3)', count)
    .addOption(oneOf(new Option('--emit <kind>', 'print a job of workers for a cluster, and stop'), ['slurm', 'k8s']))
    .option('--workers <n>', 'with --emit: how many (default: 4)', positive)
    .option('--image <name>', 'with --emit k8s: what the workers run in')
    .action((file: string | undefined, flags: SweepFlags & { shuffle: boolean }) =>
      // Commander sets shuffle to true unless --no-shuffle is given; the file's own word must not be overruled by that.
      sweep(file, { ...flags, shuffle: flags.shuffle ? undefined : false }, terminal),
    )
}

const queueCa = () =>
  new Option(
    '--queue-ca <file>',
    'with rediss://: certificates of who vouches for it (default: PILOT_QUEUE_CA, those of Node)',
  )

const STATES = ['shared', 'anew'] as const

function orderState(text: string): OrderState {
  if (text.startsWith('s3:')) return text as OrderState
  return oneWord(text, STATES)
}

/** `pilot worker` and its flags. */
export function addWorker(root: Command, terminal: Terminal): void {
  root
    .command('worker')
    .description('compute runs of sweeps that were begun with --queue, on any machine')
    .option('--queue <address>', 'redis://… or rediss://… (default: PILOT_QUEUE)')
    .addOption(queueCa())
    .option('--jobs <n>', 'runs at the same time (default: as many as cores and memory hold)', positive)
    .option('--out <folder>', "where this machine sees the sweep's folder, if elsewhere")
    .option('--idle <seconds>', 'end after so long without a run (default: never)', positive)
    .option('--lock <seconds>', 'how long a worker may be silent before its runs go to others (default: 30)', positive)
    .action((flags: WorkerFlags) => worker(flags, terminal))
}
