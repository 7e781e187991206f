import { nodeRuntime } from './runtime/node/runtime'
import type { OnnxOptions } from './runtime/options'
import type { OnnxBackend } from './tfjs/backend'
import { createBackend, registerOnnx } from './tfjs/register'

export * from './api'

registerOnnx(nodeRuntime)

/** A backend beside the one that is registered, which tfjs does not know: for comparisons and tests. */
export const createOnnxBackend = (options: Partial<OnnxOptions> = {}): OnnxBackend =>
  createBackend(nodeRuntime, options) as OnnxBackend
