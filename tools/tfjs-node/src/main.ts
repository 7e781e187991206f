import { Command } from 'commander'
import { bindingBuild, buildBinding, nodeApiHeaders, tfjsNodeFolder } from './binding'
import { findLibtensorflow, tensorflowOfPython } from './libtensorflow'
import { tryOut } from './try-out'

interface Options {
  tensorflow?: string
  python: string
  package: string
  in: string
}

await new Command('tfjs-node')
  .description('Builds the binding of @tensorflow/tfjs-node against a libtensorflow that is already there.')
  .option('--tensorflow <folder>', 'folder of an installed tensorflow wheel, or of an unpacked libtensorflow')
  .option('--python <program>', 'otherwise: the Python whose tensorflow to take', 'python3')
  .option('--package <name>', '@tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node')
  .option('--in <folder>', 'the project that the package is installed in', '.')
  .action(async (options: Options) => {
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
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
