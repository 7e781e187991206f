/** A Cholesky pivot was not a positive number: the matrix is not positive definite, or holds NaN or Infinity. */
export class NotPositiveDefiniteError extends Error {
  override readonly name = 'NotPositiveDefiniteError'
  readonly code = 'not-positive-definite'
  /** Row of the pivot, counted from 0. */
  readonly row: number

  constructor(row: number, pivot: number) {
    super(
      Number.isNaN(pivot)
        ? `the matrix holds NaN or Infinity: its pivot in row ${row} is not a number`
        : `the matrix is not positive definite: its pivot in row ${row} is ${pivot}; add a larger ridge to its diagonal`,
    )
    this.row = row
  }
}

/** A triangular matrix has a zero (or NaN) on its diagonal. */
export class SingularMatrixError extends Error {
  override readonly name = 'SingularMatrixError'
  readonly code = 'singular-matrix'
  /** Row of the zero, counted from 0. */
  readonly row: number

  constructor(row: number, pivot: number) {
    super(`the triangular matrix is singular: its diagonal holds ${pivot} in row ${row}`)
    this.row = row
  }
}
