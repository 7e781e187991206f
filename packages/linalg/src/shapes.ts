import type { Tensor } from '@tensorflow/tfjs-core'

/** The size of a square matrix; a RangeError that names the argument otherwise. */
export function squareSize(matrix: Tensor, name: string): number {
  const [rows, columns] = matrix.shape
  if (matrix.rank !== 2 || rows !== columns)
    throw new RangeError(`${name} must be a square matrix, got shape [${matrix.shape.join(', ')}]`)
  return rows!
}

/** Checks that a right-hand side has as many rows as the matrix. */
export function checkRightHandSide(rhs: Tensor, size: number): void {
  if (rhs.rank !== 2 || rhs.shape[0] !== size)
    throw new RangeError(
      `the right-hand side must have shape [${size}, columns], got [${rhs.shape.join(', ')}]; a vector needs a second axis of 1`,
    )
}
