import type { Node, Value } from './value'

/** A graph about to run: reachable nodes, its leaves in order of first use, its wanted outputs. */
export interface PendingGraph {
  nodes: Node[]
  /** Stored values and soft constants. */
  leaves: Value[]
  /** Stored values that are part of the program: their elements never change. */
  frozen: Value[]
  constants: Value[]
  outputs: Value[]
  signature: Int32Array
}
