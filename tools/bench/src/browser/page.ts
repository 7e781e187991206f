// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="../../../browser-tests/src/assets.d.ts" />
import { selectEngine } from '@pilotjs/core'
import { configureOnnx } from '@pilotjs/tfjs-backend-onnx'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'
import { runWork } from './work'

setWasmPaths({
  'tfjs-backend-wasm.wasm': plainUrl,
  'tfjs-backend-wasm-simd.wasm': simdUrl,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
})

async function start(engine: 'onnx' | 'wasm', options: Parameters<typeof configureOnnx>[0]): Promise<void> {
  configureOnnx(options)
  await selectEngine(engine, engine === 'wasm' ? { threads: 1 } : {})
}

Object.assign(globalThis, { bench: { start, run: runWork } })
