import workerSource from 'worker-source:./worker.ts'
import { type OnnxOptions, commonDefaults, sharesOf } from '../options'
import type { StartOptions } from './protocol'
import { WebDevice } from './web-device'

/**
 * Where onnxruntime-web's files are. Bundlers that know `new URL(…, import.meta.url)` put them beside the page's scripts; for
 * others they are in a folder `onnxruntime-web` there.
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

/** Half of what browsers say of the machine, in bytes, and of the 4 GiB that WebAssembly can address. */
function pageMemory(): number {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number }
  return Math.min(4, deviceMemory) * 2 ** 29
}

/** Graphs run in onnxruntime-web. Threads share memory, which browsers allow in pages that are isolated from others. */
export const webRuntime = {
  defaults: (memoryBytes = pageMemory()): OnnxOptions => ({
    ...commonDefaults,
    ...sharesOf(memoryBytes),
    threads: globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1,
    executionProviders: ['wasm'],
  }),
  createDevice: ({ executionProviders: providers, threads, wasmPaths }: OnnxOptions): Promise<WebDevice> =>
    WebDevice.start(workerSource, { providers, threads, files: files(wasmPaths) }),
}
