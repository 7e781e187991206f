import type { ProgramSource, SessionOptions } from '../device'

/** Our options in the words of onnxruntime-node. */
export function sessionOptions(
  { threads, executionProviders, spinning, profile }: SessionOptions,
  { movesTransposes, isGuest }: Pick<ProgramSource, 'movesTransposes' | 'isGuest'>,
) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    executionProviders,
    // An arena never shrinks; without one, all that a run needs is laid out in one piece.
    enableCpuMemArena: !isGuest,
    enableMemPattern: isGuest,
    extra: {
      session: { intra_op: { allow_spinning: spinning ? '1' : '0' } },
      ...(!movesTransposes && { optimization: { disable_specified_optimizers: 'TransposeOptimizer' } }),
    },
    ...(profile && { enableProfiling: true, profileFilePrefix: 'tfjs-onnx' }),
  }
}
