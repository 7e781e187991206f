/** What programs call this backend: `tf.setBackend('onnx')`. */
export const backendName = 'onnx'
