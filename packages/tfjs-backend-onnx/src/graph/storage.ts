import type { GraphType, TypedArray } from './element-types'

/** A frozen matrix in eight bits, transposed, with a scale for each of its rows. */
export interface QuantizedMatrix {
  /** Of the matrix: [outputs, inputs]. */
  readonly shape: readonly number[]
  /** [inputs, outputs] */
  readonly numbers: Storage
  /** [outputs] */
  readonly scales: Storage
}

/** The elements of a stored value: on the host until a graph first needs them, on the device afterwards. */
export class Storage {
  onDevice = false
  /** Whether programs may hold the elements as constants of their own. */
  isFrozen = false
  /** The same matrix for products in eight bits. */
  quantized: QuantizedMatrix | null = null
  /** How many data ids stand for these elements, in whatever shape. */
  references = 0
  /** How many of these are no data id, but a recording or a replay that keeps the elements. */
  holds = 0

  constructor(
    /** The device's number for the buffer. */
    readonly id: number,
    readonly dtype: GraphType,
    readonly length: number,
    public host: TypedArray | null,
  ) {}
}
