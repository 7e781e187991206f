import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import type { Strategy } from '../strategy'

/** One of ONNX' reductions: its name, what is reduced, and the shape of the result. */
export interface Reduction {
  op: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd'
  input: Pick<Value, 'shape' | 'dtype' | 'size'>
  axes: readonly number[]
  keepDims: boolean
  shape: readonly number[]
}

/** ONNX' own operation. */
export const plainReduction: Strategy<Value, Reduction> = {
  name: 'reduction',
  applies: () => true,
  record(g: Recorder, v, { op, axes, keepDims, shape }) {
    const keepdims = keepDims ? 1 : 0
    // Opset 17 has the axes of ReduceSum as an input and those of its siblings as an attribute.
    if (op === 'ReduceSum') return g.emit(op, [v, g.int64s(axes)], shape, v.dtype, { keepdims })
    return g.emit(op, [v], shape, v.dtype, { axes: [...axes], keepdims })
  },
}
