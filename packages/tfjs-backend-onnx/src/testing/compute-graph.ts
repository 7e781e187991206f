import { LocalDevice } from '../device/local-device'
import { leaf } from '../graph/trace'
import type { Value } from '../graph/value'
import { encodeModel, nameOf } from '../onnx/model'
import { defaultOptions } from '../options'
import type { PendingGraph } from '../sessions'

let device: LocalDevice | undefined
let ids = 0

/** Runs a graph as it is, on one thread: the elements of its outputs. */
export function computeGraph(graph: PendingGraph): Float32Array[] {
  device ??= new LocalDevice({ ...defaultOptions(), threads: 1 })
  const port = (v: Value) => ({ name: nameOf(v), dtype: v.dtype, shape: v.shape })
  const program = ++ids
  device.build(program, {
    model: encodeModel({ ...graph, inputs: graph.leaves, external: graph.frozen }),
    inputs: graph.leaves.map(port),
    outputs: graph.outputs.map(port),
    constants: graph.frozen.map((v) => ({ ...port(v), id: v.storage!.id })),
  })
  const inputs = graph.leaves.map((v) => {
    device!.write(++ids, v.storage!.host!)
    return ids
  })
  const outputs = graph.outputs.map(() => ++ids)
  device.run(program, inputs, outputs)
  return outputs.map((id) => device!.readSync(id) as Float32Array)
}

/** The largest difference of two graphs' outputs, relative to 1 + |x|. */
export function deviation(actual: PendingGraph, expected: PendingGraph): number {
  const values = computeGraph(actual)
  let worst = 0
  computeGraph(expected).forEach((output, i) => {
    output.forEach((v, j) => (worst = Math.max(worst, Math.abs(v - values[i]![j]!) / (1 + Math.abs(v)))))
  })
  return worst
}

/** A stored tensor of numbers between −1 and 1. */
export const wave = (shape: number[], phase: number): Value => {
  const length = shape.reduce((a, b) => a * b, 1)
  return leaf(
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.37 + phase)),
    shape,
    'float32',
  )
}
