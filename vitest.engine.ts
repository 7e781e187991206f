import { selectEngine } from './packages/core/src/node/select-engine'

/** Tests of tensors run on the engine that users get, or on the one that PILOT_ENGINE names (onnx, cpu, tfjs-node). */
await selectEngine((process.env.PILOT_ENGINE ?? 'onnx') as 'onnx')
