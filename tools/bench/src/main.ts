import { selectEngine, type NodeEngine } from '@pilotjs/core/node'
import { Argument, Command } from 'commander'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { availableParallelism, cpus } from 'node:os'
import type { Row } from './measure'
import { packageBench, packageBenches } from './suites/packages'
import { growthChart } from './growth-chart'
import type { Growth } from './suites/growth'
import { frozenGrowth, frozenMethods, growingGrowth, growingMethods, growthRow } from './suites/growth'
import { runs } from './suites/runs'
import { steps } from './suites/steps'
import { type TablesOptions, tables } from './suites/tables'

interface GrowthOptions {
  readonly tasks: number
  readonly classes: number
  readonly images: number
  readonly growingTasks: number
  readonly methods?: readonly string[]
  readonly chart?: string
  readonly engine: string
  readonly here?: boolean
}

const suites = ['steps', 'runs', ...Object.keys(packageBenches)]

const program = new Command('bench').enablePositionalOptions()
program
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

program
  .command('growth')
  .description(
    'What a task costs the more tasks there are: frozen methods on features, and those that grow with a transformer',
  )
  .option('--tasks <n>', 'of frozen methods', Number, 100)
  .option('--classes <n>', 'a task', Number, 10)
  .option('--images <n>', 'a class', Number, 50)
  .option('--growing-tasks <n>', 'of methods that grow, two classes each', Number, 10)
  .option('--methods <names>', 'which of them all, with commas', (text) => text.split(','))
  .option('--chart <file>', 'time and memory of every task, as SVG; a second file for methods that grow')
  .option('--engine <name>', 'auto, onnx, …', 'auto')
  .option('--here', 'in this process: otherwise each method has one of its own, whose memory is its own')
  .action(async (options: GrowthOptions) => {
    const { tasks, classes, images, chart } = options
    const title = `${tasks} tasks, ${tasks * classes} classes, ${tasks * classes * images} features`
    const { engine, frozen, growing } = options.here ? await growthHere(options) : growthApart(options)
    for (const [name, found, heading] of [
      ['', frozen, title],
      ['growing-', growing, `${options.growingTasks} tasks of two classes`],
    ] as const) {
      if (found.length === 0) continue
      console.log(`\n${heading}`)
      console.table(found.map((each) => rounded(growthRow(each))))
      if (chart) await writeFile(join(dirname(chart), `${name}${basename(chart)}`), growthChart(heading, found))
    }
    console.log(JSON.stringify({ engine, node: process.version, cpu: cpus()[0]?.model, title, frozen, growing }))
  })

interface GrowthFound {
  /** What computed. */
  readonly engine: string | undefined
  readonly frozen: readonly Growth[]
  readonly growing: readonly Growth[]
}

const chosen = (of: object, { methods }: GrowthOptions) =>
  Object.keys(of).filter((name) => methods === undefined || methods.includes(name))

async function growthHere(options: GrowthOptions): Promise<GrowthFound> {
  const { engine } = await selectEngine(options.engine as NodeEngine)
  const { tasks, classes, images, growingTasks } = options
  return {
    engine,
    frozen: await frozenGrowth(
      { tasks, classesPerTask: classes, imagesPerClass: images },
      chosen(frozenMethods, options),
    ),
    growing: await growingGrowth(
      { tasks: growingTasks, classesPerTask: 2, imagesPerClass: 20 },
      chosen(growingMethods, options),
    ),
  }
}

/** Each method in a process of its own, by the same command. */
function growthApart(options: GrowthOptions): GrowthFound {
  const { tasks, classes, images, growingTasks, engine } = options
  const found = [...chosen(frozenMethods, options), ...chosen(growingMethods, options)].map((name) => {
    const given = { tasks, classes, images, 'growing-tasks': growingTasks, engine, methods: name }
    const flags = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, String(value)])
    const printed = execFileSync(process.execPath, [process.argv[1]!, 'growth', '--here', ...flags], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    return JSON.parse(printed.trim().split('\n').at(-1)!) as GrowthFound
  })
  return {
    engine: found[0]?.engine,
    frozen: found.flatMap(({ frozen }) => frozen),
    growing: found.flatMap(({ growing }) => growing),
  }
}

program
  .command('tables')
  .description('The speed tables of READMEs, in Markdown, with machine, day and versions')
  .option('--torch <python>', 'a Python with PyTorch, to compare with')
  .option('--runs <n>', 'in turn; a table has their medians', Number, 3)
  .option('--seconds <n>', 'for each row and engine', Number, 8)
  .option('--threads <n,…>', 'a table for each', (text) => text.split(',').map(Number), [1, availableParallelism()])
  .action((options: TablesOptions) => console.log(tables(options)))

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
