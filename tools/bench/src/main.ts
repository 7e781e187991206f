import { selectEngine, type NodeEngine } from '@pilotjs/core/node'
import { Argument, Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import type { Row } from './measure'
import { packageBench, packageBenches } from './suites/packages'
import { runs } from './suites/runs'
import { steps } from './suites/steps'

const suites = ['steps', 'runs', ...Object.keys(packageBenches)]

const program = new Command('bench')
  .description('Measure speed and memory; a table for people, then one line of JSON')
  .addArgument(new Argument('[suites...]', 'which').choices(suites).default(['steps', 'runs'], 'steps and runs'))
  .option('--methods <names>', 'for runs: which methods, with commas', (text) => text.split(','))
  .option('--engine <name>', 'auto, onnx, tfjs-node-gpu, …', 'auto')
  .option('--json <file>', 'write the JSON here as well')
  .addHelpText(
    'after',
    `\nIn processes of their own:\n${Object.entries(packageBenches)
      .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
      .join('\n')}`,
  )
  .action(async (names: string[], { methods, engine, json }: { methods?: string[]; engine: string; json?: string }) => {
    const results: Record<string, Row[]> = {}
    let selected = engine
    for (const name of names) {
      console.log(`\n${name}`)
      if (name in packageBenches) results[name] = await packageBench(name)
      else {
        selected = (await selectEngine(engine as NodeEngine)).engine
        results[name] = name === 'steps' ? await steps() : await runs(methods)
      }
      console.table(results[name].map(rounded))
    }
    const report = JSON.stringify({
      engine: selected,
      node: process.version,
      cores: availableParallelism(),
      cpu: cpus()[0]?.model,
      results,
    })
    console.log(report)
    if (json) await writeFile(json, `${report}\n`)
  })

/** Three figures are as many as a shared machine can tell. */
const rounded = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value,
    ]),
  )

await program.parseAsync()
process.exit(0)
