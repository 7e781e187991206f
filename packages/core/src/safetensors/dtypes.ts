/** How safetensors names an element's type in a header. */
export type SafetensorsDtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL'

const sizes: Readonly<Record<SafetensorsDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}

export const isSafetensorsDtype = (text: unknown): text is SafetensorsDtype =>
  typeof text === 'string' && Object.hasOwn(sizes, text)

/** Bytes per element. */
export const sizeOf = (dtype: SafetensorsDtype): number => sizes[dtype]

export const knownDtypes: readonly string[] = Object.keys(sizes)
