import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { blocked, blockedInputGradient } from './convolution/blocked'
import { blockedFilterGradient } from './convolution/blocked-filter-gradient'
import type { ConvGeometry, ConvShapes } from './convolution/geometry'
import { plain, plainInputGradient, transposedInputGradient } from './convolution/plain'
import { pointwise, pointwiseInputGradient } from './convolution/pointwise'
import type { Epilogue, FilterGradient, Forward, InputGradient } from './convolution/strategy'
import { taps, tapsFilterGradient, tapsInputGradient } from './convolution/taps'
import { winograd, winogradFilterGradient, winogradInputGradient } from './convolution/winograd'
import { firstThatApplies } from './strategy'
import type { Target } from './target'

// The forms of a convolution and its gradients, the better ones first.

export const forwardStrategies: readonly Forward[] = [pointwise, winograd, blocked, taps, plain]
export const inputGradientStrategies: readonly InputGradient[] = [
  pointwiseInputGradient,
  winogradInputGradient,
  blockedInputGradient,
  tapsInputGradient,
  plainInputGradient,
  transposedInputGradient,
]
export const filterGradientStrategies: readonly FilterGradient[] = [
  winogradFilterGradient,
  blockedFilterGradient,
  tapsFilterGradient,
]

const shapesOf = (c: ConvGeometry, filter?: Value, bias?: Value): ConvShapes => ({
  ...c,
  isFilterConstant: filter?.storage?.isFrozen ?? false,
  biasSize: bias?.size ?? 0,
})

/** Records convolutions in the form that suits a target. */
export class Convolutions {
  constructor(
    private readonly g: Recorder,
    private readonly target: Target,
    private readonly without: ReadonlySet<string>,
  ) {}

  /**
   * Images by a filter.
   * @param x [batch, height, width, in]
   * @param filter [height, width, in, out]
   * @returns [batch, outHeight, outWidth, out]
   */
  forward(x: Value, filter: Value, c: ConvGeometry, { bias, relu }: Epilogue = {}): Value {
    const { g, target } = this
    const shapes = shapesOf(c, filter, bias)
    const strategy = firstThatApplies(forwardStrategies, target, shapes, this.without)!
    const result = strategy.record(g, { x, filter, bias, relu }, shapes, target)
    if (strategy.hasEpilogue) return result
    const sum = bias ? g.emit('Add', [result, bias], result.shape, 'float32') : result
    return relu ? g.emit('Relu', [sum], sum.shape, 'float32') : sum
  }

  /** The gradient by the images, [batch, height, width, in]; null where no form applies. */
  inputGradient(dy: Value, filter: Value, c: ConvGeometry): Value | null {
    const shapes = shapesOf(c, filter)
    const strategy = firstThatApplies(inputGradientStrategies, this.target, shapes, this.without)
    return strategy?.record(this.g, { dy, filter }, shapes, this.target) ?? null
  }

  /** The gradient by the filter, [height, width, in, out]. */
  filterGradient(x: Value, dy: Value, c: ConvGeometry): Value {
    const shapes = shapesOf(c)
    const strategy = firstThatApplies(filterGradientStrategies, this.target, shapes, this.without)!
    return strategy.record(this.g, { x, dy }, shapes, this.target)
  }
}
