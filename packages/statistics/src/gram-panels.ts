import { add, matMul, slice, tidy, zeros } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { flushEngine } from '@pilotjs/core'
import type { VariableStore } from '@pilotjs/core'

/** Columns per panel of a large Gram matrix: a panel's update then needs no more than some 40 MB beside it at size 10,000. */
const panelWidth = 1024

/**
 * A symmetric matrix Σ XᵀX that grows, as block columns from their diagonal down: half the memory and half the flops of the whole, and
 * what `@pilotjs/linalg` factors as it is. A matrix of at most 1024 rows is one panel and goes by its plain name.
 */
export interface GramPanels {
  readonly size: number
  readonly panels: readonly Tensor2D[]
  /** Adds XᵀX of more rows [rows, size], a panel at a time. */
  add(rows: Tensor2D): void
}

/** @param store where the panels live, under `name` or `name.0`, `name.1`, … */
export function gramPanels(size: number, store: VariableStore, name: string): GramPanels {
  const count = Math.ceil(size / panelWidth)
  const starts = Array.from({ length: count }, (_, j) => j * panelWidth)
  const nameOf = (j: number) => (count === 1 ? name : `${name}.${j}`)
  starts.forEach((start, j) =>
    tidy(() => store.set(nameOf(j), zeros([size - start, Math.min(panelWidth, size - start)]))),
  )
  return {
    size,
    get panels() {
      return starts.map((_, j) => store.get(nameOf(j)) as Tensor2D)
    },
    add(rows) {
      starts.forEach((start, j) => {
        tidy(() => {
          const panel = store.get(nameOf(j)) as Tensor2D
          const below = start === 0 ? rows : slice(rows, [0, start], [rows.shape[0], size - start])
          const own = count === 1 ? below : slice(below, [0, 0], [rows.shape[0], panel.shape[1]])
          store.set(nameOf(j), add(panel, matMul(below, own, true)))
        })
        // One panel's new value at a time, not all of them at once.
        if (count > 1) flushEngine()
      })
    },
  }
}

/** The names under which `gramPanels` keeps a matrix. */
export const isPanelName = (own: string, name: string): boolean =>
  own === name || (own.startsWith(`${name}.`) && /^\d+$/.test(own.slice(name.length + 1)))
