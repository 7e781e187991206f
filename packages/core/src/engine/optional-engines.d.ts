// Optional peers, perhaps not installed: imported only for the side effect of registering a backend.
declare module '@tensorflow/tfjs-backend-webgpu'
declare module '@tensorflow/tfjs-backend-webgl'
declare module '@tensorflow/tfjs-backend-wasm'
declare module '@pilotjs/tfjs-backend-onnx'
