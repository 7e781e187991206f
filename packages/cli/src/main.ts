import type { TableFormat } from '@pilotjs/eval'
import { tableFormats } from '@pilotjs/eval'
import { Argument, Command, CommanderError, Option } from 'commander'
import { classifier } from './commands/classifier'
import type { DemoFlags } from './commands/demo'
import { demo } from './commands/demo'
import { LISTS, list } from './commands/list'
import type { PredictFlags } from './commands/predict'
import { predict } from './commands/predict'
import { report } from './commands/report'
import type { ReproduceFlags } from './commands/reproduce'
import { reproduce } from './commands/reproduce'
import { resume } from './commands/resume'
import { track } from './commands/track'
import type { RunFlags } from './commands/run'
import { run } from './commands/run'
import { count, engine, fraction, gathered, names, oneOf, positive, seeds } from './flag-values'
import { isUsage, remedyOf } from './remedy'
import { hintsOnOptions } from './option-hints'
import { addSweep } from './sweep/sweep-command'
import { addTune } from './tune/tune-command'
import { command } from './terminal/command-line'
import { harmlessTerminal } from './terminal/harmless'
import type { Terminal } from './terminal/terminal'
import { Interrupted } from './usage-error'
import { version } from './version'

/** Done, went wrong, typed wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

/** Runs a command line. @param args what stands behind `pilot` @returns the exit code */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await commandLine(harmlessTerminal(terminal)).parseAsync([...args], { from: 'user' })
    return EXIT.done
  } catch (error) {
    return explain(error, harmlessTerminal(terminal), args)
  }
}

/** Every command, its arguments and flags. */
export function commandLine(terminal: Terminal): Command {
  const root = new Command('pilot')
    .description('Continual learning with pre-trained models.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(pilot --help says more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })

  root
    .command('demo')
    .description('compare methods on embedded images, 100 classes in 10 tasks, or on your own')
    .option('--methods <names>', 'only these, with commas between', names)
    .option('--photos <folder>', 'on your own images: a folder for each class')
    .option('--full', 'take all images: minutes become an hour')
    .option('--out <folder>', 'where runs and report go (default: runs/demo)')
    .addOption(engine())
    .action((flags: DemoFlags) => demo(flags, terminal))

  root
    .command('run')
    .description('run one method, or a config: a config.json of a run, or one of PILOT')
    .argument('<method|config.json>', 'a name of `pilot list methods`, an npm package, or a JSON file')
    .option('--data <name|folder>', 'dataset (default: icons-100)')
    .option('--data-root <folder>', 'where named datasets lie (default: data)')
    .option('--train-per-class <n>', 'take only so many training images of each class', positive)
    .option('--test-per-class <n>', 'take only so many test images of each class', positive)
    .option(
      '--backbone <name|file>',
      'pre-trained network (default: vit-icons for icons-100, efficientnet-lite0 for a folder, else vit_base_patch16_224.augreg_in21k)',
    )
    .option(
      '--preprocessing <recipe>',
      "how images are prepared: a preset, or mean=…;std=… (default: the weights' own)",
    )
    .addOption(
      oneOf(new Option('--compat <how>', 'where PILOT departs from papers: paper, or pilot (its method, its pixels)'), [
        'paper',
        'pilot',
      ]),
    )
    .option('--test-fraction <part>', 'for folders without a split: the part of each class to test with', fraction)
    .addOption(
      oneOf(new Option('--check <what>', 'read of every image beforehand (default: header)'), [
        'none',
        'header',
        'decode',
      ]),
    )
    .addOption(
      oneOf(new Option('--scenario <kind>', 'what changes from task to task'), [
        'class-incremental',
        'domain-incremental',
        'task-incremental',
      ]),
    )
    .option('--init-cls <n>', 'classes of the first task; 0: as many as --increment', count)
    .option('--increment <n>', 'classes of every later task (default: 10)', positive)
    .option('--no-shuffle', "take classes in the dataset's own order, not one drawn from the seed")
    .option('--seed <n,…>', 'one run for each (default: 1993)', seeds)
    .option('--set <key=value>', "an option of the method's; may be given again and again", gathered)
    .addOption(engine())
    .option(
      '--score-batch-size <n>',
      'images per forward call when features are taken and images scored (default: by their size and the memory)',
      positive,
    )
    .option('--out <folder>', 'where the run is saved (default: runs/METHOD-DATA-SEED)')
    .addOption(tracking())
    .action((target: string, flags: RunFlags & { shuffle: boolean }) =>
      // Commander sets shuffle to true unless --no-shuffle is given; a config's own word must not be overruled by that.
      run(target, { ...flags, shuffle: flags.shuffle ? undefined : false }, terminal),
    )

  addSweep(root, terminal)
  addTune(root, terminal)

  root
    .command('resume')
    .description('go on with a run, or a folder of runs, after the last saved task')
    .argument('<run>', 'the folder')
    .addOption(tracking())
    .action((path: string, flags: { track?: string[] }) => resume(path, flags, terminal))

  root
    .command('reproduce')
    .description("run a method as PILOT's configs do, and compare with what was published for it")
    .argument('<method>', 'as docs/ledger.md names it: l2p, aper-ssf, …')
    .argument('<data>', 'dataset or folder')
    .option('--backbone <name|file>', "pre-trained network (default: the published row's)")
    .option('--increment <n>', "classes of every task (default: the published row's)", positive)
    .option('--seed <n,…>', "one run for each (default: PILOT's, 1993)", seeds)
    .option('--data-root <folder>', 'where named datasets lie (default: data)')
    .addOption(engine())
    .option('--out <folder>', 'where the run is saved (default: runs/METHOD-DATA-SEED)')
    .option('--ledger <folder>', "add the result to the folder's ledger.json, and write ledger.md anew")
    .action((name: string, data: string, flags: ReproduceFlags) => reproduce(name, data, flags, terminal))

  root
    .command('report')
    .description('compare runs: a table here, and a page to look at')
    .argument('<run...>', 'folders of runs')
    .option('--out <file>', 'the page (default: report.html in the run, or here for several)')
    .addOption(oneOf(new Option('--format <kind>', 'print the table as this'), tableFormats))
    .action((paths: string[], flags: { out?: string; format?: TableFormat }) => report(paths, flags, terminal))

  root
    .command('track')
    .description('show runs in TensorBoard or MLflow')
    .argument('<run...>', 'folders of runs')
    .requiredOption('--to <tracker>', 'tensorboard, tensorboard=FOLDER or mlflow=URL')
    .action((paths: string[], flags: { to: string }) => track(paths, flags, terminal))

  root
    .command('predict')
    .description('name what is on images, with a saved learner')
    .argument('<run|file>', "a run's folder, or a classifier's file")
    .argument('<image...>', 'image files')
    .option('--json', 'print JSON')
    .option('--backbone <name|file>', "for a classifier's file: where its backbone is, if it isn't found by name")
    .action((path: string, images: string[], flags: PredictFlags) => predict(path, images, flags, terminal))

  root
    .command('classifier')
    .description("make a classifier's file of a run, for programs and pages (@pilotjs/classifier)")
    .argument('<run>', 'the folder')
    .argument('<file>', 'where it goes, such as model.safetensors')
    .action((path: string, file: string) => classifier(path, file, terminal))

  root
    .command('list')
    .description('what there is')
    .addArgument(oneOf(new Argument('<what>', 'methods, backbones or datasets'), LISTS))
    .argument('[method]', 'with `methods`: the options of this one')
    .action((what: (typeof LISTS)[number], name: string | undefined) => list(what, name, terminal))

  return root
}

const tracking = () =>
  new Option(
    '--track <tracker>',
    'tell it while the run goes on: tensorboard, mlflow=URL; may be given again',
  ).argParser(gathered)

/** Says what went wrong, on one line where that is enough, and how that counts. */
function explain(error: unknown, terminal: Terminal, args: readonly string[]): number {
  const { colors: c } = terminal
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version aren't errors.
    if (error.code === 'commander.unknownOption') for (const hint of hintsOnOptions(args)) terminal.err(hint)
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
  if (error instanceof Interrupted || (terminal.signal.aborted && error === terminal.signal.reason)) {
    terminal.err(`stopped; what is saved stays, and ${command(terminal, 'resume', 'RUN')} goes on from there`)
    return EXIT.failed
  }
  const message = error instanceof Error ? error.message : String(error)
  const remedy = remedyOf(error, terminal)
  terminal.err(`${c.red('error:')} ${message}${remedy === undefined ? '' : `\n${remedy}`}`)
  if (process.env.PILOT_DEBUG && error instanceof Error) terminal.err(error.stack ?? '')
  return isUsage(error) ? EXIT.usage : EXIT.failed
}
