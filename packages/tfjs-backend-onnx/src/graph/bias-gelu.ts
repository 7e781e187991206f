import type { PendingGraph } from '../sessions'
import { contrib } from './trace'
import { type Node, type Value, sameShape } from './value'

/**
 * Adds a layer's bias in the same pass as GELU, where nothing else needs the sum: a Gemm writes the bias into all of its result
 * first, adds the product to it, and GELU reads it again. A training step, whose gradient needs the sum, stays as it is.
 */
export function fuseBiasGelu(graph: PendingGraph): PendingGraph {
  const uses = new Map<Value, number>()
  for (const v of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs])
    uses.set(v, (uses.get(v) ?? 0) + 1)
  const made = new Map(graph.nodes.flatMap((node) => node.outputs.map((v) => [v, node] as const)))
  /** The node that makes a value for one other alone. */
  const only = (v: Value): Node | undefined => (uses.get(v) === 1 ? made.get(v) : undefined)

  const replaced = new Map<Node, Node>()
  for (const gelu of graph.nodes) {
    if (gelu.op !== 'Gelu') continue
    const given = only(gelu.inputs[0]!)
    const gemm = given?.op === 'Reshape' ? only(given.inputs[0]!) : given
    if (gemm?.op !== 'Gemm') continue
    const [a, b, bias] = gemm.inputs as [Value, Value, Value | undefined]
    if (!bias || !sameShape(bias.shape, [gemm.outputs[0]!.shape[1]!])) continue
    replaced.set(gemm, { ...gemm, op: 'FusedMatMul', domain: contrib, inputs: [a, b] })
    replaced.set(gelu, { ...gelu, op: 'BiasGelu', inputs: [gelu.inputs[0]!, bias] })
  }
  return replaced.size === 0 ? graph : { ...graph, nodes: graph.nodes.map((node) => replaced.get(node) ?? node) }
}
