import { OnnxError } from './errors'

const remedies: Record<string, string> = {
  webgpu:
    'It needs a GPU: in Node with a Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows) driver, in a page one that offers WebGPU.',
  cuda:
    'It needs an NVIDIA GPU with CUDA and cuDNN, and the CUDA files of onnxruntime-node: run its install script ' +
    '(`npm rebuild onnxruntime-node`), which downloads them on Linux x64.',
  dml: 'It exists on Windows only.',
  coreml: 'It exists on macOS only.',
}

const verbs = { 'build-failed': 'could not build a session', 'run-failed': 'could not run a graph' } as const

/** ONNX Runtime names the node that failed; our node names hold the kernel and its input shapes. */
export function describeFailure(
  cause: unknown,
  code: keyof typeof verbs,
  { executionProviders }: { executionProviders: readonly string[] },
): OnnxError {
  if (cause instanceof OnnxError) return cause
  const message = (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s*\n\s*/g, ' ')
  const node = /\d+:(\w+)((?:\[[\d,]*\])+)/.exec(message)
  if (node) {
    const shapes = node[2]!.replaceAll('][', '], [')
    return new OnnxError(code, `ONNX Runtime ${verbs[code]}: kernel ${node[1]} on shapes ${shapes}: ${message}`, {
      cause,
    })
  }
  const provider = executionProviders.find((name) => name !== 'cpu' && name !== 'wasm')
  if (provider !== undefined) {
    const remedy = remedies[provider] ?? 'ONNX Runtime knows no such execution provider on this platform.'
    return new OnnxError(
      'provider-missing',
      `ONNX Runtime ${verbs[code]} with the execution provider '${provider}'. ${remedy} ` +
        `Leave the option executionProviders as it is to compute on the processor. (${message})`,
      { cause },
    )
  }
  return new OnnxError(code, `ONNX Runtime ${verbs[code]}: ${message}`, { cause })
}
