import type { Node, Value } from './value'

/** The nodes that use a value, once for each time, in order. */
export function usersIn(nodes: readonly Node[]): Map<Value, Node[]> {
  const users = new Map<Value, Node[]>()
  for (const node of nodes) {
    for (const v of node.inputs) {
      const list = users.get(v)
      if (list) list.push(node)
      else users.set(v, [node])
    }
  }
  return users
}
