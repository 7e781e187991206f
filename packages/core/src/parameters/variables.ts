import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import type { NamedTensors, NamedVariables } from '../contracts/tensors'
import { flushEngine } from '../training/engine-hints'

/** A variable per tensor, of the same value and name. The tensors stay as they are. */
export function createVariables(tensors: NamedTensors): NamedVariables {
  const variables = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, tf.tidy(() => tf.variable(copyOf(tensor)))]),
  )
  // Done now, so that the first training step is the same program as the others.
  flushEngine()
  return variables
}

/** The same numbers in memory of their own: a clone would share what may be frozen (`freezeOnEngine`). */
export const copyOf = (tensor: Tensor): Tensor => (tensor.dtype === 'float32' ? tf.mul(tensor, 1) : tf.clone(tensor))

/** How many numbers these tensors hold. */
export const parameterCount = (tensors: NamedTensors): number =>
  Object.values(tensors).reduce((sum, tensor) => sum + tensor.size, 0)

/** Named variables whose set and shapes may change: what a part keeps its tensors in. */
export interface VariableStore {
  /** @throws Error when there is none of this name */
  get(name: string): Variable
  has(name: string): boolean
  /** Makes the variable, assigns it, or replaces it when the shape differs. The tensor stays the caller's. */
  set(name: string, value: Tensor): void
  delete(name: string): void
  all(): NamedVariables
  /** Keeps exactly these tensors, as copies. */
  restore(tensors: NamedTensors): void
  dispose(): void
}

export function variableStore(): VariableStore {
  const held = new Map<string, Variable>()
  const remove = (name: string) => {
    held.get(name)?.dispose()
    held.delete(name)
  }
  const store: VariableStore = {
    get(name) {
      const variable = held.get(name)
      if (!variable) throw new Error(`There is no variable '${name}' yet; there are: ${[...held.keys()].join(', ')}`)
      return variable
    },
    has: (name) => held.has(name),
    set(name, value) {
      const variable = held.get(name)
      // A variable that is assigned itself would let go of its own data first.
      if (variable === value) return
      if (variable && tf.util.arraysEqual(variable.shape, value.shape)) return variable.assign(value)
      held.set(name, tf.variable(value))
      variable?.dispose()
    },
    delete: remove,
    all: () => Object.fromEntries(held),
    restore(tensors) {
      for (const name of [...held.keys()]) if (!(name in tensors)) remove(name)
      for (const [name, tensor] of Object.entries(tensors)) store.set(name, tensor)
    },
    dispose() {
      for (const name of [...held.keys()]) remove(name)
    },
  }
  return store
}
