import { webRuntime } from './runtime/web/runtime'
import { registerOnnx } from './tfjs/register'

export * from './api'

registerOnnx(webRuntime)
