import type { SafetensorsDtype } from './dtypes'
import { brainToFloat, floatToBrain, floatToHalf, halfToFloat } from './half'
import { SafetensorsError } from './header'
import type { SafetensorsEntry } from './header'

/** Values as TensorFlow.js holds them. */
export type TensorValues =
  | { readonly dtype: 'float32'; readonly values: Float32Array }
  | { readonly dtype: 'int32'; readonly values: Int32Array }
  | { readonly dtype: 'bool'; readonly values: Uint8Array }

/** How floating-point tensors are stored. */
export type FloatStorage = 'float32' | 'float16' | 'bfloat16'

function narrow(wide: BigInt64Array, name: string): Int32Array {
  return Int32Array.from(wide, (value) => {
    if (BigInt.asIntN(32, value) !== value)
      throw new SafetensorsError(`safetensors: tensor "${name}" holds ${value}, which does not fit int32`)
    return Number(value)
  })
}

/**
 * Values out of a tensor's own bytes. `buffer` belongs to the result from here on: whatever needs no conversion is not copied.
 * @throws SafetensorsError where an int64 does not fit int32, or a bool is neither 0 nor 1
 */
export function decodeBuffer(name: string, dtype: SafetensorsDtype, buffer: ArrayBuffer): TensorValues {
  switch (dtype) {
    case 'F64':
      return { dtype: 'float32', values: Float32Array.from(new Float64Array(buffer)) }
    case 'F32':
      return { dtype: 'float32', values: new Float32Array(buffer) }
    case 'F16':
      return { dtype: 'float32', values: halfToFloat(new Uint16Array(buffer)) }
    case 'BF16':
      return { dtype: 'float32', values: brainToFloat(new Uint16Array(buffer)) }
    case 'I64':
      return { dtype: 'int32', values: narrow(new BigInt64Array(buffer), name) }
    case 'I32':
      return { dtype: 'int32', values: new Int32Array(buffer) }
    case 'I16':
      return { dtype: 'int32', values: Int32Array.from(new Int16Array(buffer)) }
    case 'I8':
      return { dtype: 'int32', values: Int32Array.from(new Int8Array(buffer)) }
    case 'U8':
      return { dtype: 'int32', values: Int32Array.from(new Uint8Array(buffer)) }
    case 'BOOL': {
      const values = new Uint8Array(buffer)
      const odd = values.find((value) => value > 1)
      if (odd !== undefined) throw new SafetensorsError(`safetensors: bool tensor "${name}" holds the byte ${odd}`)
      return { dtype: 'bool', values }
    }
  }
}

/**
 * A tensor's values out of its file's bytes. TensorFlow.js has float32, int32 and bool: other floats become float32, other
 * integers int32. The result owns its memory.
 * @throws SafetensorsError where an int64 does not fit int32, or a bool is neither 0 nor 1
 */
export function decodeValues({ name, dtype, start, end }: SafetensorsEntry, file: Uint8Array): TensorValues {
  // Not `slice`: on Node's Buffer, that is a view.
  return decodeBuffer(name, dtype, new Uint8Array(file.subarray(start, end)).buffer)
}

const floatDtypes: Readonly<Record<FloatStorage, SafetensorsDtype>> = {
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
}

/** The dtype that a TensorFlow.js tensor is stored as. */
export function storedDtype(name: string, dtype: string, floats: FloatStorage): SafetensorsDtype {
  if (dtype === 'float32') return floatDtypes[floats]
  if (dtype === 'int32') return 'I32'
  if (dtype === 'bool') return 'BOOL'
  throw new SafetensorsError(`safetensors: tensor "${name}" has dtype ${dtype}, which the format does not hold`)
}

/** A tensor's bytes; a view of the values where they need no conversion. */
export function encodeValues(name: string, values: ArrayBufferView, dtype: SafetensorsDtype): Uint8Array {
  let stored: ArrayBufferView = values
  if (dtype === 'F16') stored = toHalf(name, values as Float32Array)
  else if (dtype === 'BF16') stored = floatToBrain(values as Float32Array)
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
}

function toHalf(name: string, floats: Float32Array): Uint16Array {
  // From 65,520 on, rounding goes to infinity.
  const large = floats.find((value) => Math.abs(value) >= 65520 && Number.isFinite(value))
  if (large !== undefined)
    throw new SafetensorsError(
      `safetensors: tensor "${name}" holds ${large}, too large for float16; write float32 or bfloat16`,
    )
  return floatToHalf(floats)
}
