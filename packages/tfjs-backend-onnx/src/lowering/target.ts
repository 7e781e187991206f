/** What a graph is to run on, as far as the form of operations depends on it. */
export interface Target {
  /** ONNX Runtime's execution provider that computes: `cpu`, `wasm`, `webgpu`, `cuda`, … */
  readonly provider: string
  /**
   * How many channels the runtime's convolutions on blocks of channels take at once, or null where it has none (they exist for
   * some processors only).
   */
  readonly channelBlock: number | null
  /** Threads that compute. */
  readonly threads: number
}

/** Any processor, as far as forms go that do not depend on which. */
export const anyProcessor: Target = { provider: 'cpu', channelBlock: null, threads: 1 }

/** Whether the processor computes, by ONNX Runtime's own kernels. */
export const isOnProcessor = ({ provider }: Target): boolean => provider === 'cpu' || provider === 'wasm'
