export { OnnxBackend, type OnnxStats } from './backend'
export { gelu, layerNorm, scaledDotProductAttention } from './ops/composite'
export type { OnnxOptions } from './options'
export { configureOnnx, flush, onnxBackend } from './register'
