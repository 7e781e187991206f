import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { Convolutions } from './convolutions'
import { reduce } from './sums'
import type { Reduction } from './sums/reduction'
import type { Target } from './target'
import { transpose } from './transpositions'

/**
 * Records operations that have several forms, each in the one that suits what the graph is to run on. Kernels ask for the
 * operation and never see the target.
 */
export class Lowering {
  readonly convolution: Convolutions

  /** @param without names of strategies that are left out, as `winograd` */
  constructor(
    private readonly g: Recorder,
    private readonly target: Target,
    private readonly without: ReadonlySet<string> = new Set(),
  ) {
    this.convolution = new Convolutions(g, target, without)
  }

  /** A reduction of some axes, counted from the first; over none it is the identity. */
  reduce(op: Reduction['op'], v: Value, axes: readonly number[], keepDims: boolean): Value {
    return reduce(this.g, op, v, axes, keepDims, this.target, this.without)
  }

  /** A value with its axes in another order. */
  transpose(v: Value, permutation: readonly number[]): Value {
    return transpose(this.g, v, permutation, this.target, this.without)
  }
}
