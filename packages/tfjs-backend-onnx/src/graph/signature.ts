import type { PendingGraph } from './pending-graph'
import { type GraphType, type Node, type Value, bytesOf } from './value'

const typeCode: Record<GraphType, number> = {
  ...{ float32: 1, int32: 2, bool: 3, int64: 4, float64: 5 },
  ...{ uint8: 6, int8: 7, float16: 8 },
}

/** So many bytes of constants every program may have. */
export const SMALL = 2 ** 26
/** And so many times the bytes of its constants a program computes that may have more. */
const REPAID = 4

/**
 * Bytes of constants that repay their copies. Reordering matrices beforehand saves a share of the time that products with them
 * take, so it is worth more, the more a program computes: a ViT-B's forward pass was measured to take 4 to 15 % less time with 32
 * images, which repays the second that its session took longer to build within a few runs, and 5 to 10 % with 4 images, which
 * takes some twenty. A last batch of one, two or three would only wait for its copy.
 */
function repaidConstants(nodes: readonly Node[]): number {
  let computed = 0
  for (const node of nodes) for (const output of node.outputs) computed += 4 * output.size
  return computed / REPAID
}

/** Finds what outputs need, and describes its structure; numbers of flushes and constants are a recorder's own. */
export class Collector {
  private stamps = 0
  private readonly constantKeys = new Map<string, number>()

  /**
   * The part of the pending nodes that `outputs` need, with a number for every value and a signature: two graphs with
   * equal signatures can run in the same session. Stored values count by type and shape only, never by content; but frozen ones,
   * up to `constantBytes` in all (default: as many as pay), by which they are.
   */
  collect(pending: readonly Node[], outputs: Value[], constantBytes?: number): PendingGraph {
    const stamp = ++this.stamps
    const nodes: Node[] = []
    for (const output of outputs) output.node!.stamp = stamp
    // Pending nodes stand in order of recording: one pass backwards finds all that is needed.
    for (let i = pending.length - 1; i >= 0; i--) {
      const node = pending[i]!
      if (node.stamp !== stamp) continue
      nodes.push(node)
      for (const input of node.inputs) if (input.node !== null) input.node.stamp = stamp
    }
    nodes.reverse()

    const leaves: Value[] = []
    const constants: Value[] = []
    const frozen: Value[] = []
    let frozenBytes = 0
    // most programs hold little: what they compute need not be known
    let repaid: number | undefined
    const mayHold = (bytes: number) =>
      bytes <= (constantBytes ?? SMALL) || (constantBytes === undefined && bytes <= (repaid ??= repaidConstants(nodes)))
    const words: number[] = []
    let slot = 0
    const visitLeaf = (value: Value) => {
      value.stamp = stamp
      value.slot = slot++
      if (value.constant?.kind === 'fixed') {
        constants.push(value)
        words.push(-1, this.constantKey(value.constant.key))
        return
      }
      if (value.storage?.isFrozen && mayHold(frozenBytes + bytesOf(value))) {
        frozen.push(value)
        frozenBytes += bytesOf(value)
        words.push(-5, value.storage.id, value.shape.length, ...value.shape)
        return
      }
      leaves.push(value)
      words.push(value.constant === null ? -2 : -3, typeCode[value.dtype], value.shape.length, ...value.shape)
    }
    for (const node of nodes) {
      words.push(node.key, node.inputs.length, node.outputs.length)
      for (const input of node.inputs) {
        if (input.stamp !== stamp) visitLeaf(input)
        words.push(input.slot)
      }
      // Elsewhere the inputs and attributes say what shape comes out.
      const softened = node.inputs.some((input) => input.constant?.kind === 'soft')
      for (const output of node.outputs) {
        output.stamp = stamp
        output.slot = slot++
        if (softened) words.push(...output.shape)
      }
    }
    words.push(-4)
    for (const output of outputs) words.push(output.slot)
    return { nodes, leaves, frozen, constants, outputs, signature: Int32Array.from(words) }
  }

  private constantKey(key: string): number {
    let code = this.constantKeys.get(key)
    if (code === undefined) this.constantKeys.set(key, (code = this.constantKeys.size + 1))
    return code
  }
}
