import { GraphBuilder } from './graph-builder'
import type { PendingGraph } from './pending-graph'
import type { Node, Value } from './value'

/**
 * ONNX Runtime's product for processors takes a matrix that is to be transposed apart anew for every 128 columns of the result
 * (MLAS, `MlasSgemmOperation`). A copy, transposed once, saves a tenth of a product with 512 columns and a sixth with 768 and more
 * (one thread of a Zen 4; a ViT-B's MLP: 95 to 78 ms); with 128 columns nothing.
 */
const many = 256
/** Smaller products take little anyway. */
const some = 64

/** Computes products aᵀ·b of many columns, as the gradient of a linear layer's weight is, by a transposed copy: the same numbers. */
export function turnProducts(graph: PendingGraph): PendingGraph {
  if (!graph.nodes.some(pays)) return graph
  const make = new GraphBuilder(graph)
  const copies = new Map<Value, Value>()
  const nodes = graph.nodes.flatMap((node) => {
    if (!pays(node)) return [node]
    const { kernel, op, outputs, attributes, domain } = node
    const [a, b] = node.inputs as [Value, Value]
    const known = copies.get(a)
    const copy = known ?? make.value([a.shape[1]!, a.shape[0]!], a.dtype)
    copies.set(a, copy)
    const product = make.node(kernel, op, [copy, b], outputs, { ...attributes, transA: 0 }, domain)
    return known ? [product] : [...transposition(a, copy, kernel, make), product]
  })
  return { ...graph, nodes, constants: make.constants }
}

function pays({ op, inputs, attributes }: Node): boolean {
  if (op !== 'FusedMatMul' || attributes?.transA !== 1 || attributes.transB === 1) return false
  const [a, b] = inputs as [Value, Value]
  return a.shape.length === 2 && b.shape.length === 2 && b.shape[1]! >= many && Math.min(...a.shape) >= some
}

/** By way of a shape with a leading axis: ONNX Runtime would put copy and product together again. */
function transposition(from: Value, to: Value, kernel: string, make: GraphBuilder): Node[] {
  const single = make.value([1, ...from.shape], from.dtype)
  const turned = make.value([1, ...to.shape], to.dtype)
  return [
    make.reshape(kernel, from, single),
    make.node(kernel, 'Transpose', [single], [turned], { perm: [0, 2, 1] }),
    make.reshape(kernel, turned, to),
  ]
}
