import type { JsonValue, NamedTensors, NamedVariables } from '../contracts/tensors'
import { variableStore } from '../parameters/variables'

/** A piece of a learner that keeps tensors: a head, a prompt pool, adapters, prototypes, class means. */
export interface Part {
  /** Every kept tensor, trainable or not, by PILOT's `state_dict` name; names are unique in a learner. */
  variables(): NamedVariables
  /** Takes a copy of what is under its own names; shapes may differ from now, since heads grow. */
  restore(tensors: NamedTensors, json: JsonValue | undefined): void
  /** What is to be remembered and is no tensor. */
  json?(): JsonValue
  dispose(): void
}

/** A trained copy of weights. */
export interface WeightsPart extends Part {
  /** By their names without the prefix: for `ForwardOptions.parameters`. */
  tensors(): NamedTensors
}

/**
 * Variables that start as a copy of `tensors`: a backbone to fine-tune, for example.
 * @param options.prefix put before the tensors' names, e.g. `backbone.`
 */
export function weightsPart(options: { prefix: string; tensors: NamedTensors }): WeightsPart {
  const { prefix } = options
  const store = variableStore()
  for (const [name, tensor] of Object.entries(options.tensors)) store.set(prefix + name, tensor)
  return {
    variables: store.all,
    tensors: () =>
      Object.fromEntries(Object.entries(store.all()).map(([name, variable]) => [name.slice(prefix.length), variable])),
    restore: (tensors) => store.restore(tensors, store.has),
    dispose: store.dispose,
  }
}

/** A growing list of parts of one kind, e.g. an adapter per task. */
export interface PartList<P extends Part> extends Part {
  readonly items: readonly P[]
  /** Makes the next one. */
  add(): P
}

/** @param create makes part number `index`; its names must differ from the others' */
export function partList<P extends Part>(create: (index: number) => P): PartList<P> {
  const items: P[] = []
  const add = () => {
    const item = create(items.length)
    items.push(item)
    return item
  }
  return {
    items,
    add,
    variables: () => Object.assign({}, ...items.map((item) => item.variables())) as NamedVariables,
    json: () => items.map((item) => item.json?.() ?? null),
    restore(tensors, json) {
      const saved = Array.isArray(json) ? (json as readonly JsonValue[]) : []
      while (items.length > saved.length) items.pop()!.dispose()
      while (items.length < saved.length) add()
      items.forEach((item, index) => item.restore(tensors, saved[index] ?? undefined))
    },
    dispose() {
      while (items.length > 0) items.pop()!.dispose()
    },
  }
}
