import { execFile } from 'node:child_process'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Libtensorflow } from './libtensorflow'

const run = promisify(execFile)

/** Node-API version of the binding: the newest that tfjs-node 4.22 declares, and every Node since 12.22 has. */
const napi = 8

export interface Build {
  readonly compiler: string
  readonly args: readonly string[]
  readonly output: string
}

/**
 * The compiler call that makes `tfjs_binding.node` out of tfjs-node's own sources: two files, the Node-API headers, and a
 * libtensorflow that is found by its absolute path at run time.
 * @param tfjsNode folder of the installed package `@tensorflow/tfjs-node` or `-gpu`
 * @param nodeHeaders folder with `node_api.h`
 */
export function bindingBuild(
  tfjsNode: string,
  { include, library, files }: Libtensorflow,
  nodeHeaders: string,
  compiler = process.env.CXX || 'c++',
  platform: NodeJS.Platform = process.platform,
): Build {
  const output = join(tfjsNode, 'lib', `napi-v${napi}`, 'tfjs_binding.node')
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name))
  // Node itself brings the Node-API functions; macOS has to be told that they come later.
  const shared = platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']
  const args = [
    ...['-std=c++17', '-O2', '-fPIC', `-DNAPI_VERSION=${napi}`, ...shared],
    ...[`-I${nodeHeaders}`, `-I${include}`],
    ...sources,
    ...files.map((name) => join(library, name)),
    ...[`-Wl,-rpath,${library}`, '-o', output],
  ]
  return { compiler, args, output }
}

/** The folder of an installed package, seen from `from`. @throws Error with the command that installs it */
export async function tfjsNodeFolder(packageName: string, from: string): Promise<string> {
  let folder: string
  try {
    folder = resolve(createRequire(join(resolve(from), 'package.json')).resolve(`${packageName}/package.json`), '..')
  } catch (error) {
    throw new Error(
      `${packageName} is not installed in ${resolve(from)}; run "npm install --ignore-scripts ${packageName}" there: ` +
        'without its install script nothing is downloaded but the package itself',
      { cause: error },
    )
  }
  const sources = await readdir(join(folder, 'binding')).catch((): string[] => [])
  if (!sources.includes('tfjs_binding.cc')) throw new Error(`${folder} has no sources of the binding; install 4.22.0`)
  return folder
}

/** Folder with `node_api.h`, out of Node's own package of headers. */
export function nodeApiHeaders(): string {
  const headers = createRequire(import.meta.url)('node-api-headers') as { include_dir: string }
  return headers.include_dir
}

/** Compiles the binding into the package. @throws Error with what the compiler said */
export async function buildBinding({ compiler, args, output }: Build): Promise<number> {
  await mkdir(join(output, '..'), { recursive: true })
  try {
    await run(compiler, args, { maxBuffer: 1 << 26 })
  } catch (error) {
    const { code, stderr = '', message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === 'ENOENT')
      throw new Error(`there is no C++ compiler "${compiler}"; install one (g++ or clang++) or set CXX`, {
        cause: error,
      })
    throw new Error(`the binding does not compile against this libtensorflow:\n${stderr || message}`, { cause: error })
  }
  return (await stat(output)).size
}
