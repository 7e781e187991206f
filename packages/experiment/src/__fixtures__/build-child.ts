import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sourceOf } from '../../../../vitest.sources.ts'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Bundles a fixture as a program, from sources, into this package's own modules, so that it finds what is not bundled.
 * @returns its path
 */
export async function buildChild(name: string): Promise<string> {
  const built = join(packageFolder, 'node_modules', '.cache', name)
  const outfile = join(built, `${name}.mjs`)
  await mkdir(built, { recursive: true })
  await build({
    entryPoints: [join(packageFolder, 'src/__fixtures__', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'workspace-sources',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@pilotjs\// }, ({ path }) => {
            const source = path === '@pilotjs/tfjs-backend-onnx' ? undefined : sourceOf(path)
            return source === undefined ? { path, external: true } : { path: source }
          }),
      },
      {
        // Nothing here trains by gradients, and the module that registers them is there only once core is built.
        name: 'no-gradients',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^#gradients$/ }, () => ({ path: 'gradients', namespace: 'empty' }))
          onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }))
        },
      },
    ],
    // CommonJS modules that are bundled ask for Node's own.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" },
    external: ['@tensorflow/*', 'sharp', 'echarts', 'echarts/*'],
    logLevel: 'error',
  })
  return outfile
}
