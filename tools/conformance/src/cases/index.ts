import type { ConformanceCase } from '../case'
import { linearAlgebra } from './linear-algebra'
import { methods } from './methods'
import { networks } from './networks'
import { operations } from './operations'
import { optimization } from './optimization'
import { tensorOperations } from './tensor-operations'

/** Every case, by the file that its numbers are recorded in. */
export const suites: Readonly<Record<string, readonly ConformanceCase[]>> = {
  operations,
  'tensor-operations': tensorOperations,
  networks,
  optimization,
  'linear-algebra': linearAlgebra,
  methods,
}
