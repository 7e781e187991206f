import { PilotError } from '@pilotjs/core'
import type { VariableStore } from '@pilotjs/core/parameters'
import { concat, gather, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * The features of every image, class by class: what it takes to take a class out of sums exactly. Width numbers an image, one
 * tensor [images, width] a class.
 */
export interface ClassFeatures {
  /** @param features [images, width] */
  add(features: Tensor2D, labels: ArrayLike<number>): void
  /** [images, width]; the store's. @throws PilotError `no-features` where a class has none */
  of(label: number): Tensor2D
  /** Forgets a class; later ones move up by one. */
  remove(label: number): void
  /** Makes the features of one class another's; classes behind `from` move up by one. */
  merge(into: number, from: number): void
}

/** @param store where they live, under `name.LABEL` */
export function classFeatures(store: VariableStore, name: string): ClassFeatures {
  const nameOf = (label: number): string => `${name}.${label}`
  const rows = (label: number): Tensor2D | undefined =>
    store.has(nameOf(label)) ? (store.get(nameOf(label)) as Tensor2D) : undefined
  const append = (label: number, more: Tensor2D): void => {
    tidy(() => {
      const own = rows(label)
      store.set(nameOf(label), own ? concat([own, more], 0) : more)
    })
  }
  const labels = (): number[] =>
    Object.keys(store.all()).flatMap((key) => (key.startsWith(`${name}.`) ? [Number(key.slice(name.length + 1))] : []))
  const moveUp = (gone: number): void => {
    store.delete(nameOf(gone))
    for (const label of labels()
      .filter((each) => each > gone)
      .sort((a, b) => a - b)) {
      store.set(nameOf(label - 1), store.get(nameOf(label)))
      store.delete(nameOf(label))
    }
  }
  return {
    add(features, labelsOf) {
      const all = Array.from(labelsOf)
      for (const label of new Set(all)) {
        const places = all.flatMap((each, i) => (each === label ? [i] : []))
        tidy(() => {
          append(label, gather(features, tensor1d(places, 'int32')))
        })
      }
    },
    of(label) {
      const own = rows(label)
      if (own) return own
      throw new PilotError('no-features', `no features of class ${label} were kept`, { label })
    },
    remove: moveUp,
    merge(into, from) {
      const more = rows(from)
      if (more) append(into, more)
      moveUp(from)
    },
  }
}
