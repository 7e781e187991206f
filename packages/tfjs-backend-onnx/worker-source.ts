import path from 'node:path'
import { type Plugin, build } from 'esbuild'

/**
 * `import text from 'worker-source:./worker.ts'`: a module with all that it imports, as the text of one script. A worker that
 * starts from it needs no help from the bundler of whoever uses this package.
 */
export const workerSource: Plugin = {
  name: 'worker-source',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^worker-source:/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.slice('worker-source:'.length)),
      namespace: 'worker-source',
    }))
    onLoad({ filter: /.*/, namespace: 'worker-source' }, async ({ path: entry }) => {
      const { outputFiles } = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        // Its script without the WebAssembly in it, which comes from where the page says.
        conditions: ['onnxruntime-web-use-extern-wasm'],
        legalComments: 'inline',
        logLevel: 'error',
      })
      return { contents: outputFiles[0]!.text, loader: 'text' }
    })
  },
}
