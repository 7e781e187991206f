import { tableFormats } from '@pilotjs/eval'
import { Argument, Command, CommanderError, Option } from 'commander'
import { classifier } from './commands/classifier'
import type { DemoFlags } from './commands/demo'
import { demo } from './commands/demo'
import { LISTS, list } from './commands/list'
import type { PredictFlags } from './commands/predict'
import { predict } from './commands/predict'
import type { ReportFlags } from './commands/report'
import { report } from './commands/report'
import type { ReproduceFlags } from './commands/reproduce'
import { reproduce } from './commands/reproduce'
import { resume } from './commands/resume'
import { track } from './commands/track'
import type { RunFlags } from './commands/run'
import { run } from './commands/run'
import { engine, gathered, names, oneOf, positive, seeds, tracking } from './flag-values'
import { isUsage, messageOf, remedyOf } from './remedy'
import { hintsOnOptions } from './option-hints'
import { addRunOptions, ownFlags } from './run-options'
import { givenFlags } from './stream-flags'
import { addSweep, addWorker } from './sweep/sweep-command'
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
    .option('--methods <names>', 'only these, with commas between; all: all that come along', names)
    .option('--photos <folder>', 'on your own images: a folder for each class')
    .option('--full', 'take all images: minutes become an hour')
    .option('--out <folder>', 'where runs and report go (default: runs/demo)')
    .addOption(engine())
    .action((flags: DemoFlags) => demo(flags, terminal))

  const running = root
    .command('run')
    .description('run one method, or a config: a config.json of a run, or one of PILOT')
    .argument('<method|config.json>', 'a name of `pilot list methods`, an npm package, or a JSON file')
  addRunOptions(running).action((target: string, flags: RunFlags) => run(target, givenFlags(flags), terminal))

  addSweep(root, terminal)
  addWorker(root, terminal)
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
    .option('--set <key=value>', "an option not as in PILOT's config, noted in the row; may be given again", gathered)
    .option('--out <folder>', 'where the run is saved (default: runs/METHOD-DATA-SEED)')
    .option('--ledger <folder>', "add the result to the folder's ledger.json, and write ledger.md anew")
    .action((name: string, data: string, flags: ReproduceFlags) => reproduce(name, data, flags, terminal))

  root
    .command('report')
    .description('compare runs: a table here, and a page to look at')
    .argument('<run...>', 'folders of runs')
    .option('--out <file>', 'the page (default: report.html in the run, or here for several)')
    .addOption(oneOf(new Option('--format <kind>', 'print the table as this'), tableFormats))
    .option(
      '--memory',
      'also tell what each method keeps, models and exemplars, and the area under accuracy over memory',
    )
    .option('--image-bytes <n>', "with --memory: bytes of an exemplar (default: of the data's images)", positive)
    .action((paths: string[], flags: ReportFlags) => report(paths, flags, terminal))

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

/** Says what went wrong, on one line where that is enough, and how that counts. */
function explain(error: unknown, terminal: Terminal, args: readonly string[]): number {
  const { colors: c } = terminal
  if (error instanceof CommanderError) {
    // Commander has said it already; help and version aren't errors.
    if (error.code === 'commander.unknownOption')
      for (const hint of hintsOnOptions(args, ownFlags())) terminal.err(hint)
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
  if (error instanceof Interrupted || (terminal.signal.aborted && error === terminal.signal.reason)) {
    terminal.err(`stopped; what is saved stays, and ${command(terminal, 'resume', 'RUN')} goes on from there`)
    return EXIT.failed
  }
  const remedy = remedyOf(error, terminal)
  const message = messageOf(error, remedy)
  terminal.err(`${c.red('error:')} ${message}${remedy === undefined ? '' : `\n${remedy}`}`)
  if (process.env.PILOT_DEBUG && error instanceof Error) terminal.err(error.stack ?? '')
  return isUsage(error) ? EXIT.usage : EXIT.failed
}
