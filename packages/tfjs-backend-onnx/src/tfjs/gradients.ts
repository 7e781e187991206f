import {
  type GradConfig,
  type Tensor,
  add,
  broadcastTo,
  broadcast_util,
  div,
  engine,
  getBackend,
  getGradient,
  getKernel,
  mul,
  neg,
  registerGradient,
  reshape,
  rsqrt,
  square,
  step,
  sub,
  sum,
  unregisterGradient,
  util,
  zerosLike,
} from '@tensorflow/tfjs-core'

function expand(dy: Tensor, shape: number[], axis: number | number[]): Tensor {
  const axes = util.parseAxisParam(axis, shape)
  const kept = shape.map((d, i) => (axes.includes(i) ? 1 : d))
  return broadcastTo(reshape(dy, kept), shape as never)
}

interface AxisAttributes {
  axis: number | number[]
}

type GradFunc = GradConfig['gradFunc']

/** Statistics per channel: two sums over the pixels give every gradient. */
const batchNormGradient: GradFunc = (dy, saved, attrs) => {
  const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor | undefined]
  const { varianceEpsilon } = attrs as unknown as { varianceEpsilon: number }
  const axes = broadcast_util.getReductionAxes(mean.shape, x.shape)
  const kept = mean.rank === 1 ? x.shape.map((d, i) => (i === x.rank - 1 ? d : 1)) : mean.shape
  const overPixels = (t: Tensor) => (axes.length > 0 ? reshape(sum(t, axes), mean.shape) : t)
  const inverse = rsqrt(add(variance, varianceEpsilon))
  const factor = scale ? mul(inverse, scale) : inverse
  const shift = overPixels(dy as Tensor)
  const slope = overPixels(mul(dy as Tensor, sub(x, reshape(mean, kept))))
  return {
    x: () => mul(dy as Tensor, factor),
    mean: () => neg(mul(shift, factor)),
    variance: () => mul(mul(slope, factor), mul(square(inverse), -0.5)),
    scale: () => mul(slope, inverse),
    offset: () => shift,
  }
}

/** dy·step(x), in one kernel where the backend has it: gradients are the same for all backends. */
const reluGradient = (dy: Tensor, x: Tensor): Tensor =>
  getKernel('FusedReluGrad', getBackend()) === undefined
    ? mul(dy, step(x))
    : (engine().runKernel('FusedReluGrad', { dy, x }) as Tensor)

const lean: GradConfig[] = [
  {
    kernelName: 'FusedReluGrad',
    inputsToSave: ['x'],
    gradFunc: (ddy, [x]) => ({ dy: () => reluGradient(ddy as Tensor, x!), x: () => zerosLike(x!) }),
  },
  {
    kernelName: 'Sum',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({
      x: () => expand(dy as Tensor, x!.shape, (attrs as unknown as AxisAttributes).axis),
    }),
  },
  {
    kernelName: 'Mean',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { axis } = attrs as unknown as AxisAttributes
      const count = util.sizeFromShape(util.parseAxisParam(axis, x!.shape).map((a) => x!.shape[a]!))
      return { x: () => expand(div(dy as Tensor, count), x!.shape, axis) }
    },
  },
  {
    kernelName: 'Relu',
    // It is positive where x is, and wanted by what comes next anyway: x need not be kept.
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => reluGradient(dy as Tensor, y!) }),
  },
  {
    kernelName: 'Square',
    inputsToSave: ['x'],
    // After a mean dy repeats a few numbers, and only these are doubled.
    gradFunc: (dy, [x]) => ({ x: () => mul(mul(dy as Tensor, 2), x!) }),
  },
  {
    kernelName: 'FusedBatchNorm',
    inputsToSave: ['x', 'mean', 'variance', 'scale'],
    gradFunc: batchNormGradient,
  },
]

/**
 * tfjs' own gradients of these kernels make tensors of ones or tiles of statistics on the way, or pass over the data
 * more often than need be. These compute the same without. Called when the backend starts: by then a program has
 * registered its gradients.
 */
export function registerLeanGradients(): void {
  for (const config of lean) {
    if (getGradient(config.kernelName)) unregisterGradient(config.kernelName)
    registerGradient(config)
  }
}
