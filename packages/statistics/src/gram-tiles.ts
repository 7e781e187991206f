import { flushEngine } from '@pilotjs/core/training'
import type { VariableStore } from '@pilotjs/core/parameters'
import { add, matMul, sub, tidy, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Columns } from './feature-map'

/** Rows and columns of a tile: 4 MB. */
const tileSize = 1024

/**
 * A symmetric matrix Σ XᵀX that grows, as the tiles of its lower half: half the memory and half the flops of the whole, no large
 * temporary, and what `@pilotjs/linalg` factors as it is. A matrix of at most 1024 rows is one tile and goes by its plain name.
 */
export interface GramTiles {
  readonly size: number
  /** Row i holds tiles 0 … i. */
  readonly tiles: readonly (readonly Tensor2D[])[]
  /** The columns of X that belong to each row of tiles. */
  readonly columns: readonly Columns[]
  /** Adds XᵀX of more rows, given by its columns: one [rows, count] for each of `columns`. */
  add(parts: readonly Tensor2D[]): void
  /** Takes XᵀX of rows that were added out again. */
  subtract(parts: readonly Tensor2D[]): void
}

/** @param store where the tiles live, under `name`, or `name.0.0`, `name.1.0`, `name.1.1`, … */
export function gramTiles(size: number, store: VariableStore, name: string): GramTiles {
  const count = Math.ceil(size / tileSize)
  const columns = Array.from({ length: count }, (_, i) => ({
    start: i * tileSize,
    count: Math.min(tileSize, size - i * tileSize),
  }))
  const nameOf = (i: number, j: number) => (count === 1 ? name : `${name}.${i}.${j}`)
  const places = columns.flatMap((_, i) => columns.slice(0, i + 1).map((_, j) => [i, j] as const))
  for (const [i, j] of places) tidy(() => store.set(nameOf(i, j), zeros([columns[i]!.count, columns[j]!.count])))
  const accumulate = (parts: readonly Tensor2D[], combine: typeof add): void => {
    for (const [i, j] of places) {
      tidy(() => {
        const name = nameOf(i, j)
        store.set(name, combine(store.get(name), matMul(parts[i]!, parts[j]!, true)))
      })
      // The same small graph for every tile, and no two of them at once.
      if (count > 1) flushEngine()
    }
  }
  return {
    size,
    columns,
    get tiles() {
      return columns.map((_, i) => columns.slice(0, i + 1).map((_, j) => store.get(nameOf(i, j)) as Tensor2D))
    },
    add: (parts) => accumulate(parts, add),
    subtract: (parts) => accumulate(parts, sub),
  }
}
