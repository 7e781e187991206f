import { type Constant, type GraphType, type TypedArray, Value, filled, sizeOf } from './value'

export function constantValue(
  data: TypedArray,
  shape: readonly number[],
  dtype: GraphType,
  kind: Constant['kind'],
  key: string,
): Value {
  const value = new Value(shape, dtype)
  value.constant = { data, kind, key }
  return value
}

/** The most recently made constants, so that equal ones are one value of a graph. */
class Recent {
  private readonly known = new Map<string, Value>()

  constructor(private readonly limit: number) {}

  get(key: string, make: () => Value): Value {
    let value = this.known.get(key)
    if (value === undefined) {
      value = make()
      this.known.set(key, value)
      if (this.known.size > this.limit) this.known.delete(this.known.keys().next().value!)
    }
    return value
  }
}

/** Values that are known when a graph is recorded; see `Constant` for what is fixed and what is soft. */
export class Constants {
  private readonly integers = new Recent(4096)
  private readonly small = new Recent(4096)
  private readonly large = new Recent(64)

  int64s(values: readonly number[]): Value {
    const key = values.join()
    return this.integers.get(key, () =>
      constantValue(BigInt64Array.from(values, BigInt), [values.length], 'int64', 'fixed', `I${key}`),
    )
  }

  softInt64s(values: readonly number[]): Value {
    return constantValue(BigInt64Array.from(values, BigInt), [values.length], 'int64', 'soft', '')
  }

  scalar(value: number, dtype: GraphType): Value {
    const key = `S${dtype}${Object.is(value, -0) ? '-0' : value}`
    return this.fixed(key, [], dtype, () => filled(dtype, 1, value))
  }

  softScalar(value: number, dtype: GraphType): Value {
    return constantValue(filled(dtype, 1, value), [], dtype, 'soft', '')
  }

  fixed(key: string, shape: readonly number[], dtype: GraphType, elements: () => TypedArray): Value {
    const recent = sizeOf(shape) > 1024 ? this.large : this.small
    return recent.get(key, () => constantValue(elements(), shape, dtype, 'fixed', key))
  }
}
