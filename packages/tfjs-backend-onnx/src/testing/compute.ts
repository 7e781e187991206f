import { expect } from 'vitest'
import { encodeModel, nameOf } from '../graph/onnx-model'
import type { PendingGraph } from '../graph/pending-graph'
import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { LocalDevice } from '../runtime/node/local-device'
import { nodeRuntime } from '../runtime/node/runtime'

// What tests of changed graphs have in common: inputs, the graph's results, and how far they may differ.

const device = new LocalDevice({ ...nodeRuntime.defaults(), threads: 1 })
let ids = 0

/** An input of different numbers. */
export function wave(g: Recorder, shape: readonly number[], phase = 0): Value {
  const length = shape.reduce((a, b) => a * b, 1)
  return g.leaf(
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.37 + phase)),
    shape,
    'float32',
  )
}

/** A copy of an input's elements. */
export const elementsOf = (v: Value): Float32Array => v.storage!.host!.slice() as Float32Array

/** The outputs of a graph whose leaves have the elements that `feed` says. */
export function compute(graph: PendingGraph, feed = elementsOf): Float32Array[] {
  const port = (v: Value) => ({ name: nameOf(v), dtype: v.dtype, shape: v.shape })
  const program = ++ids
  device.build(program, {
    model: encodeModel({ ...graph, inputs: graph.leaves }),
    inputs: graph.leaves.map(port),
    outputs: graph.outputs.map(port),
    movesTransposes: false,
    isSmall: false,
    givesMemoryBack: false,
    constants: graph.frozen.map((v) => ({ ...port(v), id: v.storage!.id })),
  })
  const inputs = graph.leaves.map((v) => {
    device.write(++ids, feed(v))
    return ids
  })
  const outputs = graph.outputs.map(() => ++ids)
  device.run(program, inputs, outputs)
  return outputs.map((id) => device.readSync(id) as Float32Array)
}

export function expectClose(actual: Float32Array[], expected: Float32Array[], tolerance = 1e-5): void {
  expected.forEach((values, i) => {
    let worst = 0
    values.forEach((v, j) => (worst = Math.max(worst, Math.abs(v - actual[i]![j]!) / (1 + Math.abs(v)))))
    expect(worst).toBeLessThan(tolerance)
  })
}
