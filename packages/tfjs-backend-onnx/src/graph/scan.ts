import type { GraphBuilder } from './graph-builder'
import { type Region, type Uses, exportsOf } from './regions'
import { type Attributes, type Node, type Value, sizeOf } from './value'

/** The nodes that compute a region in `chunks` parts. */
export function scanOf(region: Region, chunks: number, uses: Uses, make: GraphBuilder): Node[] {
  const { kernel } = region.members[0]!.node
  const before: Node[] = []
  const after: Node[] = []
  const body: Node[] = []
  const bodyInputs: Value[] = []
  const scanInputs: Value[] = []
  /** Inside the body: the part of a value. Outside: what a part is cut from, or put into. */
  const parts = new Map<Value, Value>()
  const stacks = new Map<Value, Value>()

  const enter = (v: Value): Value => {
    const shape = [sizeOf(v.shape) / chunks]
    const stacked = make.value([chunks, ...shape], v.dtype)
    before.push(make.reshape(kernel, v, stacked))
    const part = make.value(shape, v.dtype)
    scanInputs.push(stacked)
    bodyInputs.push(part)
    parts.set(v, part)
    stacks.set(part, stacked)
    return part
  }
  const shaped = new Map<string, Value>()
  /** A part in the shape that an operation wants. */
  const partOf = (v: Value, shape: readonly number[]): Value => {
    const part = parts.get(v) ?? enter(v)
    if (part.shape.join() === shape.join()) return part
    const key = `${part.slot}:${shape.join()}`
    let view = shaped.get(key)
    if (view === undefined) {
      view = make.value(shape, v.dtype)
      body.push(make.reshape(kernel, part, view))
      shaped.set(key, view)
    }
    return view
  }

  for (const { node, rule } of region.members) {
    if (rule.isAlias) {
      parts.set(node.outputs[0]!, parts.get(node.inputs[0]!) ?? enter(node.inputs[0]!))
      continue
    }
    const inputs = node.inputs.map((v, j) => (rule.rows[j] ? partOf(v, rule.inputShape(v, chunks)) : v))
    const outputs = node.outputs.map((v) => {
      const part = make.value(rule.outputShape(v, chunks), v.dtype)
      parts.set(v, part)
      return part
    })
    body.push(make.node(node.kernel, node.op, inputs, outputs, rule.attributes(node), node.domain))
  }

  const bodyOutputs: Value[] = []
  const stackedOutputs: Value[] = []
  for (const v of exportsOf(region, uses)) {
    const part = parts.get(v)!
    let stacked = stacks.get(part)
    if (stacked === undefined) {
      stacked = make.value([chunks, ...part.shape], v.dtype)
      stacks.set(part, stacked)
      bodyOutputs.push(part)
      stackedOutputs.push(stacked)
    }
    after.push(make.reshape(kernel, stacked, v))
  }
  const attributes: Attributes = {
    num_scan_inputs: scanInputs.length,
    body: { body: { nodes: body, inputs: bodyInputs, outputs: bodyOutputs } },
  }
  return [...before, make.node(kernel, 'Scan', scanInputs, stackedOutputs, attributes), ...after]
}
