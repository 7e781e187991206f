import type { Value } from '../../graph/value'
import type { Strategy } from '../strategy'

export interface MatMulOptions {
  transposeA?: boolean
  transposeB?: boolean
  /** Factor of the product. */
  alpha?: number
}

/** Two operands, and what is added to every row of their product, or to the whole of it. */
export interface ProductOperands {
  a: Value
  b: Value
  bias: Value | undefined
}

/** What the choice of a form depends on. */
export interface ProductShapes extends Required<MatMulOptions>, ProductOperands {
  /** Whether products by quantized matrices are to be computed in eight bits. */
  inInt8: boolean
}

/** A form of a product over the last two axes. */
export type ProductStrategy = Strategy<ProductOperands, ProductShapes>
