import type { Command } from 'commander'
import { Option } from 'commander'
import type { TuneFlags } from '../commands/tune'
import { tune } from '../commands/tune'
import { count, engine, fraction, gathered, oneOf, positive, seeds } from '../flag-values'
import { givenFlags, tailOptions, taskOptions } from '../stream-flags'
import type { Terminal } from '../terminal/terminal'

/** `pilot tune` and its flags. */
export function addTune(root: Command, terminal: Terminal): void {
  const tuning = root
    .command('tune')
    .description(
      "choose a method's options on a part of the training images, or on another data set; never on test images",
    )
    .argument('<method>', 'a name of `pilot list methods`, or an npm package')
    .option(
      '--space <file.json>',
      'options to choose: { "epochs": [5, 10], "learningRate": { "from": 0.001, "to": 0.1, "scale": "log" } }',
    )
    .option(
      '--choose <option=values>',
      'epochs=5,10 or learningRate=0.001..0.1:log (also :integer); may be given again',
      gathered,
    )
    .option('--trials <n>', 'how many draws to compare', positive, 30)
    .option('--seeds <n,…>', 'class orders to tune on: not those to evaluate with', seeds, [1, 2, 3, 4, 5])
    .addOption(
      oneOf(new Option('--sampler <kind>', 'every draw on every seed, or fewer and fewer draws on more and more'), [
        'random',
        'halving',
      ]).default('random'),
    )
    .option('--validation <part>', 'of the training images of each class: what draws are compared on', fraction, 0.2)
    .option('--draw-seed <n>', 'of the draws and the validation part', count, 1993)
    .option('--data <name|folder>', 'dataset to tune on (default: icons-100)')
    .option('--data-root <folder>', 'where named datasets lie (default: data)')
    .option('--train-per-class <n>', 'take only so many training images of each class', positive)
    .option('--backbone <name|file>', 'pre-trained network')
    .option('--set <key=value>', 'an option that stays as it is; may be given again', gathered)
    .addOption(engine())
    .option('--jobs <n>', 'runs at the same time (default: as many as cores and memory hold)', positive)
    .option('--out <folder>', 'where trials and best.json are saved (default: runs/tune-METHOD)')
    .action((method: string, flags: TuneFlags) => tune(method, givenFlags(flags), terminal))
  for (const option of [...tailOptions(), ...taskOptions()]) tuning.addOption(option.helpGroup('Tasks:'))
}
