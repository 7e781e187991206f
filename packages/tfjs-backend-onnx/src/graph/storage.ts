import type { GraphType, TypedArray } from './element-types'

/** The elements of a stored value: on the host until a graph first needs them, on the device afterwards. */
export class Storage {
  onDevice = false
  /** Whether programs may hold the elements as constants of their own. */
  isFrozen = false
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
