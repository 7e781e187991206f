import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { Convolutions } from './convolutions'
import { productStrategies } from './products'
import { isSingle } from './products/plain'
import type { MatMulOptions, ProductShapes } from './products/strategy'
import { firstThatApplies } from './strategy'
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
  private isInInt8 = false

  /** @param without names of strategies that are left out, as `winograd` */
  constructor(
    private readonly g: Recorder,
    private readonly target: Target,
    private readonly without: ReadonlySet<string> = new Set(),
  ) {
    this.convolution = new Convolutions(g, target, without)
  }

  /** Records what `work` asks for with products by quantized matrices in eight bits, and answers what it does. */
  inInt8<T>(work: () => T): T {
    const before = this.isInInt8
    this.isInInt8 = true
    try {
      return work()
    } finally {
      this.isInInt8 = before
    }
  }

  /** A matrix product over the last two axes, whose leading axes broadcast, and what is added to it. Floats only. */
  product(a: Value, b: Value, options: MatMulOptions = {}, bias?: Value): Value {
    if (isSingle(a) && isSingle(b) && bias === undefined) {
      const [x, y] = [a, b].map((v) => this.g.reshape(v, v.shape.slice(1))) as [Value, Value]
      const product = this.product(x, y, options)
      return this.g.reshape(product, [1, ...product.shape])
    }
    const { transposeA = false, transposeB = false, alpha = 1 } = options
    const shapes: ProductShapes = { a, b, bias, transposeA, transposeB, alpha, inInt8: this.isInInt8 }
    const form = firstThatApplies(productStrategies, this.target, shapes, this.without)!
    return form.record(this.g, { a, b, bias }, shapes, this.target)
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
