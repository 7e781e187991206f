import type { SessionOptions } from './device'

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

const remedies: Record<string, string> = {
  webgpu: 'It needs a GPU with a Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows) driver.',
  cuda:
    'It needs an NVIDIA GPU with CUDA and cuDNN, and the CUDA files of onnxruntime-node: run its install script ' +
    '(`npm rebuild onnxruntime-node`), which downloads them on Linux x64.',
  dml: 'It exists on Windows only.',
  coreml: 'It exists on macOS only.',
}

/** ONNX Runtime names the node that failed; our node names hold the tfjs kernel and its input shapes. */
export function describeFailure(cause: unknown, what: string, { executionProviders }: SessionOptions): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  const node = /\d+:(\w+)((?:\[[\d,]*\])+)/.exec(message)
  if (node) {
    const shapes = node[2]!.replaceAll('][', '], [')
    return new Error(`tfjs-backend-onnx: ONNX Runtime ${what}: kernel ${node[1]} on shapes ${shapes}: ${message}`, {
      cause,
    })
  }
  const provider = executionProviders.find((name) => name !== 'cpu')
  if (provider !== undefined) {
    const remedy = remedies[provider] ?? 'onnxruntime-node knows no such execution provider on this platform.'
    return new Error(
      `tfjs-backend-onnx: ONNX Runtime ${what} with the execution provider '${provider}'. ${remedy} ` +
        `Leave the option executionProviders at ['cpu'] to compute on the CPU. (${message})`,
      { cause },
    )
  }
  return new Error(`tfjs-backend-onnx: ONNX Runtime ${what}: ${message}`, { cause })
}
