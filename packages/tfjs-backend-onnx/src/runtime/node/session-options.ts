import type { ProgramSource, SessionOptions } from '../device'

/** Our options in the words of onnxruntime-node. */
export function sessionOptions(
  { threads, executionProviders, spinning, profile }: SessionOptions,
  { movesTransposes, givesMemoryBack }: Pick<ProgramSource, 'movesTransposes' | 'givesMemoryBack'>,
) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    executionProviders,
    // An arena never shrinks. What a run needs laid out in one piece beforehand is larger than what it needs at a time: 2.7 GB in
    // place of 2.1 for a ViT-B's training step of 16 images.
    enableCpuMemArena: !givesMemoryBack,
    enableMemPattern: false,
    extra: {
      session: { intra_op: { allow_spinning: spinning ? '1' : '0' } },
      ...(!movesTransposes && { optimization: { disable_specified_optimizers: 'TransposeOptimizer' } }),
    },
    ...(profile && { enableProfiling: true, profileFilePrefix: 'tfjs-onnx' }),
  }
}
