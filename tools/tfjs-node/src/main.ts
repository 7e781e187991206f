import { Command } from 'commander'
import { bindingBuild, buildBinding, nodeApiHeaders, tfjsNodeFolder } from './binding'
import { compare, measure } from './compare'
import { findLibtensorflow, tensorflowOfPython } from './libtensorflow'
import { tryOut } from './try-out'
import { workloads } from './workloads'

interface BuildOptions {
  tensorflow?: string
  python: string
  package: string
  in: string
}

const program = new Command('tfjs-node')

program
  .command('build')
  .description('Builds the binding of @tensorflow/tfjs-node against a libtensorflow that is already there.')
  .option('--tensorflow <folder>', 'folder of an installed tensorflow wheel, or of an unpacked libtensorflow')
  .option('--python <program>', 'otherwise: the Python whose tensorflow to take', 'python3')
  .option('--package <name>', '@tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node')
  .option('--in <folder>', 'the project that the package is installed in', '.')
  .action(async (options: BuildOptions) => {
    const tensorflow = await findLibtensorflow(options.tensorflow ?? (await tensorflowOfPython(options.python)))
    const tfjsNode = await tfjsNodeFolder(options.package, options.in)
    console.log(`libtensorflow  ${tensorflow.library}`)
    const build = bindingBuild(tfjsNode, tensorflow, nodeApiHeaders())
    const size = await buildBinding(build)
    console.log(`built          ${build.output} (${Math.round(size / 1024)} kB)`)
    const { node, gpu, deviation, ...found } = await tryOut(tfjsNode)
    console.log(`runs           TensorFlow ${found.tensorflow} under Node ${node} on ${gpu ? 'a GPU' : 'the CPU'}`)
    console.log(`matrix product deviates by ${deviation.toExponential(1)} at most`)
    if (!(deviation < 1e-2)) throw new Error('that is too much: this libtensorflow does not fit the binding')
  })

program
  .command('compare')
  .description('Times networks of this toolbox on several engines, and compares their results.')
  .option('--engines <names>', 'the first is what the others are compared with', 'onnx,tfjs-node')
  .option('--in <folder>', 'the project that @tensorflow/tfjs-node is installed in', '.')
  .option('--seconds <number>', 'time for each row and engine', '8')
  .option('--rows <text>', 'only rows whose name contains this', '')
  .option('--json', 'one JSON object a line')
  .action(async (options: { engines: string; in: string; seconds: string; rows: string; json?: boolean }) => {
    const engines = options.engines.split(',')
    const rows = workloads.map(({ row }) => row).filter((row) => row.includes(options.rows))
    await compare(rows, engines, options.in, Number(options.seconds), (comparison) => {
      if (options.json) return console.log(JSON.stringify(comparison))
      const { row, measurements, deviations } = comparison
      console.log(row)
      measurements.forEach(({ engine, min, median, cpu, steps }, i) => {
        const figures = Object.entries({ min, median, cpu }).map(([name, value]) => `${name} ${value.toFixed(2)}`)
        const off = deviations[i - 1]
        const apart = off
          ? `  deviation ${off.results.toExponential(1)}, of parameters ${off.changed.toExponential(1)}`
          : ''
        console.log(`  ${engine.padEnd(14)} ${figures.join('  ')} ms/image (${steps} steps)${apart}`)
      })
    })
  })

program
  .command('measure <row> <engine> <seconds>', { hidden: true })
  .action(async (row: string, engine: string, seconds: string) => {
    const text = `${JSON.stringify(await measure(row, engine, Number(seconds)))}\n`
    // An engine's threads would keep the process; what is written has to arrive before it ends.
    process.stdout.write(text, () => process.exit(0))
  })

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
