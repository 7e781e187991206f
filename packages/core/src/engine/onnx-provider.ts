import * as tf from '@tensorflow/tfjs-core'
import { EngineError } from './engine-error'
import { type EngineCandidate, type RegisteredBackend, registerAnew } from './engines'

/** `onnx` with what ONNX Runtime shall compute with: `onnx:webgpu`, `onnx:cuda`, … */
export type OnnxProviderEngine = `onnx:${string}`

/** What the engine's package exports of that. */
interface OnnxPackage {
  configureOnnx(options: { executionProviders: readonly string[] }): void
}

/** The provider that `onnx:PROVIDER` names; undefined for any other engine. */
const providerOf = (choice: string): string | undefined => /^onnx:(.+)$/.exec(choice)?.[1]

/**
 * The engines to choose from, and `onnx:PROVIDER` where that is chosen.
 * @param load imports the engine's package
 * @param rest what computes where the provider has no operation
 */
export function withOnnxProvider(
  choice: string,
  candidates: readonly EngineCandidate[],
  load: () => Promise<OnnxPackage>,
  rest: readonly string[] = [],
): readonly EngineCandidate[] {
  const provider = providerOf(choice)
  if (provider === undefined) return candidates
  let before: RegisteredBackend | undefined
  const candidate: EngineCandidate = {
    name: choice,
    backend: 'onnx',
    packageName: '@pilotjs/tfjs-backend-onnx',
    async load() {
      const { configureOnnx } = await load()
      const { registry, registryFactory } = tf.engine()
      const running = registry.onnx as { stats?(): { provider: string } } | undefined
      if (!running) {
        before = registryFactory.onnx
        return configureOnnx({ executionProviders: [...new Set([provider, ...rest])] })
      }
      const present = running.stats?.().provider
      if (present !== provider)
        throw new EngineError(
          'engine-option',
          `engine "${choice}": onnx computes with ${String(present)} already; choose the provider before an engine starts`,
          { option: 'engine', value: choice },
        )
    },
    undo: () => registerAnew('onnx', before),
  }
  return [...candidates, candidate]
}
