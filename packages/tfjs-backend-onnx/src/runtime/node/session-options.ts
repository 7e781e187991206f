import type { SessionOptions } from '../device'

/** Our options in the words of onnxruntime-node. */
export function sessionOptions(
  { threads, executionProviders, spinning, profile }: SessionOptions,
  movesTransposes: boolean,
) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    executionProviders,
    enableCpuMemArena: true,
    enableMemPattern: false,
    extra: {
      session: { intra_op: { allow_spinning: spinning ? '1' : '0' } },
      ...(!movesTransposes && { optimization: { disable_specified_optimizers: 'TransposeOptimizer' } }),
    },
    ...(profile && { enableProfiling: true, profileFilePrefix: 'tfjs-onnx' }),
  }
}
