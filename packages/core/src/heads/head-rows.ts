import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { shapeText } from '../ops/shapes'
import type { VariableStore } from '../parameters/variables'
import type { Head } from './head'

/** What all heads with one row a class share: their weight stands in `store` under `weight`, [classes, width]. */
export interface HeadRows extends Pick<Head, 'rows' | 'setRows' | 'copyFrom'> {
  classes(): number
  width(): number
}

/** @param width of a head that has no rows yet */
export function headRows(store: VariableStore, width: number): HeadRows {
  const weight = () => (store.has('weight') ? (store.get('weight') as Tensor2D) : undefined)
  return {
    classes: () => weight()?.shape[0] ?? 0,
    width: () => weight()?.shape[1] ?? width,
    rows(labels) {
      const all = weight() ?? tf.zeros<tf.Rank.R2>([0, width])
      return labels === undefined ? tf.clone(all) : rowsAt(all, labels)
    },
    setRows(labels, rows) {
      const all = weight()
      const count = labels === 'all' ? (all?.shape[0] ?? 0) : labels.length
      if (all?.shape[1] !== rows.shape[1] || rows.shape[0] !== count)
        throw new RangeError(
          `${count} rows of a head ${shapeText(all?.shape ?? [0, width])} cannot be ${shapeText(rows.shape)}`,
        )
      if (labels === 'all') {
        tf.tidy(() => store.set('weight', tf.clone(rows)))
        return
      }
      const wrong = labels.find((label) => !(label >= 0 && label < all.shape[0]))
      if (wrong !== undefined)
        throw new RangeError(`the head has ${all.shape[0]} classes, so that there is no row of class ${wrong}`)
      tf.tidy(() => store.set('weight', replaceRows(all, labels, rows)))
    },
    copyFrom: (head) => store.restore(head.variables()),
  }
}

/** Rows by a product with ones where the wanted rows are: a gather whose gradient every engine has. */
function rowsAt(all: Tensor2D, labels: readonly number[]): Tensor2D {
  const first = labels[0] ?? 0
  if (labels.every((label, i) => label === first + i)) return tf.slice(all, [first, 0], [labels.length, -1])
  return tf.gather(all, tf.tensor1d([...labels], 'int32'))
}

function replaceRows(all: Tensor2D, labels: readonly number[], rows: Tensor2D): Tensor2D {
  const [classes] = all.shape
  // Row r of the result is row r of the old ones, or the new row that stands for r: one gather from both below each other.
  const source = Array.from({ length: classes }, (_, row) => row)
  labels.forEach((label, i) => (source[label] = classes + i))
  return tf.gather(tf.concat([all, rows]), tf.tensor1d(source, 'int32'))
}
