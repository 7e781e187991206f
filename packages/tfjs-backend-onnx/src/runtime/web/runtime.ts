import workerSource from 'worker-source:./worker.ts'
import { type OnnxOptions, commonDefaults } from '../options'
import type { StartOptions } from './protocol'
import { WebDevice } from './web-device'

/**
 * Where onnxruntime-web's files are. Bundlers that know `new URL(…, import.meta.url)` put them beside the page's scripts; for others they are
 * in a folder `onnxruntime-web` there.
 */
function files(folder: string | undefined): StartOptions['files'] {
  if (folder !== undefined) {
    const at = (name: string) => new URL(name, new URL(folder.replace(/\/?$/, '/'), document.baseURI)).href
    const pair = (name: string) => ({ mjs: at(`${name}.mjs`), wasm: at(`${name}.wasm`) })
    return { processor: pair('ort-wasm-simd-threaded'), gpu: pair('ort-wasm-simd-threaded.asyncify') }
  }
  return {
    processor: {
      mjs: new URL('onnxruntime-web/ort-wasm-simd-threaded.mjs', import.meta.url).href,
      wasm: new URL('onnxruntime-web/ort-wasm-simd-threaded.wasm', import.meta.url).href,
    },
    gpu: {
      mjs: new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url).href,
      wasm: new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url).href,
    },
  }
}

/** Graphs run in onnxruntime-web. Threads share memory, which browsers allow in pages that are isolated from others. */
export const webRuntime = {
  defaults: (): OnnxOptions => ({
    ...commonDefaults,
    threads: globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1,
    executionProviders: ['wasm'],
  }),
  createDevice: ({ executionProviders: providers, threads, wasmPaths }: OnnxOptions): Promise<WebDevice> =>
    WebDevice.start(workerSource, { providers, threads, files: files(wasmPaths) }),
}
