import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import type { Strategy } from '../strategy'

/** What is transposed and how: result axis i is axis `permutation[i]`. */
export interface Transposition {
  input: Pick<Value, 'shape' | 'dtype' | 'size'>
  permutation: readonly number[]
}

/** ONNX' operation as it is. */
export const permuted = (g: Recorder, v: Value, permutation: readonly number[]): Value =>
  g.emit(
    'Transpose',
    [v],
    permutation.map((p) => v.shape[p]!),
    v.dtype,
    { perm: [...permutation] },
  )

export const permutation: Strategy<Value, Transposition> = {
  name: 'permutation',
  applies: () => true,
  record: (g, v, { permutation: axes }) => permuted(g, v, axes),
}
