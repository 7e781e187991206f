import { int8Product } from './products/int8'
import { plainProduct } from './products/plain'
import type { ProductStrategy } from './products/strategy'

/** The forms of a product, the better ones first. */
export const productStrategies: readonly ProductStrategy[] = [int8Product, plainProduct]
