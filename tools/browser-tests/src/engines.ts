// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./assets.d.ts" />
import { selectEngine } from '@pilotjs/core'
import type { BrowserEngine } from '@pilotjs/core'
import { env } from '@tensorflow/tfjs-core'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'

setWasmPaths({
  'tfjs-backend-wasm.wasm': plainUrl,
  'tfjs-backend-wasm-simd.wasm': simdUrl,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
})

/** The engines that a README names for browsers and that run without a GPU. */
export const browserEngines: readonly BrowserEngine[] = ['onnx', 'wasm', 'webgl']

/** Starts one of them as a page does. */
export async function startEngine(engine: BrowserEngine): Promise<void> {
  await selectEngine(engine)
  // Small tensors would be computed on the processor, and the cases' are small.
  if (engine === 'webgl') env().set('WEBGL_CPU_FORWARD', false)
}
