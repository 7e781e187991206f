import { flushEngine } from '@pilotjs/core/training'
import { slice } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Rows at once: mapped to 10,000 outputs they take 80 MB. */
const chunkRows = 2048

/**
 * Walks over rows in chunks, and lets the engine start on each before the next is laid out. The chunk is gone after the visit.
 */
export function forRows(features: Tensor2D, visit: (rows: Tensor2D, start: number) => void): void {
  const [total, width] = features.shape
  for (let start = 0; start < total; start += chunkRows) {
    const rows = slice(features, [start, 0], [Math.min(chunkRows, total - start), width])
    visit(rows, start)
    rows.dispose()
    flushEngine()
  }
}
