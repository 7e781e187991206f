import type { PendingGraph } from './pending-graph'
import { type Attributes, type Constant, type Node, Value } from './value'

/** Makes values and nodes that did not come from a kernel, for a graph that is about to become a program. */
export class GraphBuilder {
  /** The graph's fixed constants and those made here. */
  readonly constants: Value[]
  private nextSlot = 0

  constructor({ leaves, frozen, constants, nodes }: Omit<PendingGraph, 'outputs' | 'signature'>) {
    this.constants = [...constants]
    const made = nodes.flatMap(({ outputs }) => outputs)
    for (const { slot } of [...leaves, ...frozen, ...constants, ...made])
      this.nextSlot = Math.max(this.nextSlot, slot + 1)
  }

  value(shape: readonly number[], dtype: Value['dtype']): Value {
    const value = new Value(shape, dtype)
    value.slot = this.nextSlot++
    return value
  }

  int64s(values: readonly number[]): Value {
    const value = this.value([values.length], 'int64')
    const constant: Constant = { data: BigInt64Array.from(values, BigInt), kind: 'fixed', key: '' }
    value.constant = constant
    this.constants.push(value)
    return value
  }

  node(kernel: string, op: string, inputs: Value[], outputs: Value[], attributes?: Attributes, domain = ''): Node {
    return { op, domain, attributes, key: 0, kernel, inputs, outputs, stamp: 0 }
  }

  reshape(kernel: string, from: Value, to: Value): Node {
    return this.node(kernel, 'Reshape', [from, this.int64s(to.shape)], [to])
  }
}
