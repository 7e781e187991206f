import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** A libtensorflow with its headers, wherever it came from. */
export interface Libtensorflow {
  /** Folder that `tensorflow/c/c_api.h` is below. */
  readonly include: string
  readonly library: string
  /** File names of the shared libraries to link, in that folder. */
  readonly files: readonly string[]
}

/** What holds TensorFlow's C API: `libtensorflow_cc` in the Python wheels, `libtensorflow` in the C distribution. */
const apis = [
  /^libtensorflow_cc\.so\.\d+$/,
  /^libtensorflow\.so\.\d+$/,
  /^libtensorflow_cc\.\d+\.dylib$/,
  /^libtensorflow\.\d+\.dylib$/,
]
const framework = /^libtensorflow_framework(\.so\.\d+|\.\d+\.dylib)$/

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

/**
 * Looks below a folder: the `tensorflow` package of a Python installation (`…/site-packages/tensorflow`), or an unpacked
 * libtensorflow distribution (with `lib` and `include`).
 * @throws Error saying what is missing
 */
export async function findLibtensorflow(folder: string): Promise<Libtensorflow> {
  const root = resolve(folder)
  for (const library of [root, join(root, 'lib')]) {
    const names = await readdir(library).catch((): string[] => [])
    const api = apis.map((pattern) => names.find((name) => pattern.test(name))).find((name) => name !== undefined)
    if (api === undefined) continue
    const include = join(root, 'include')
    if (!(await exists(join(include, 'tensorflow/c/c_api.h'))))
      throw new Error(
        `${library} holds ${api}, but ${include} does not hold tensorflow/c/c_api.h; unpack the headers too`,
      )
    return { include, library, files: [api, ...names.filter((name) => framework.test(name))] }
  }
  throw new Error(
    `${root} holds no libtensorflow; give the folder of an installed tensorflow wheel ` +
      '(pip install tensorflow, or tensorflow-cpu) or of an unpacked libtensorflow distribution (option --tensorflow)',
  )
}

/**
 * The folder of the `tensorflow` package that a Python interpreter would import. Nothing of it is run.
 * @throws Error if there is none
 */
export async function tensorflowOfPython(python: string): Promise<string> {
  const program =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")'
  let output: string
  try {
    output = (await promisify(execFile)(python, ['-c', program])).stdout.trim()
  } catch (error) {
    throw new Error(`cannot ask ${python} for tensorflow (option --python): ${(error as Error).message}`, {
      cause: error,
    })
  }
  if (output !== '') return output
  throw new Error(
    `${python} has no tensorflow; install it (pip install tensorflow) or give its folder with --tensorflow`,
  )
}
