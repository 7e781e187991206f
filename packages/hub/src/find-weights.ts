import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BackboneError } from './backbone-error'
import { recogniseFile, remedyFor } from './recognise-file'

export const weightsFile = 'model.safetensors'
export const indexFile = 'model.safetensors.index.json'

/** What other libraries call their weights. */
const others = /\.(bin|pth?|ckpt|npz|h5|hdf5|onnx|gguf|msgpack|tar|gz|zip)$/i

export async function kindOfPath(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}

/**
 * The weights in a folder: `model.safetensors`, an index of several files, or the one `.safetensors` file there is.
 * @throws BackboneError with what to do about what is there instead
 */
export async function weightsIn(folder: string): Promise<string> {
  const names = await readdir(folder)
  const safetensors = names.filter((name) => name.endsWith('.safetensors'))
  const indices = names.filter((name) => name.endsWith('.safetensors.index.json'))
  const [first] = names.includes(weightsFile)
    ? [weightsFile]
    : names.includes(indexFile)
      ? [indexFile]
      : indices.length === 1
        ? indices
        : safetensors.length === 1
          ? safetensors
          : []
  if (first !== undefined) return join(folder, first)
  if (safetensors.length > 0)
    throw new BackboneError(
      'unknown',
      folder,
      `backbone: ${folder} holds several .safetensors files and no ${weightsFile}; give the file's own path`,
    )
  const other = names.find((name) => others.test(name))
  if (other === undefined)
    throw new BackboneError(
      'unknown',
      folder,
      `backbone: ${folder} holds no .safetensors file; give the file's own path`,
    )
  const path = join(folder, other)
  const remedy = remedyFor(await recogniseFile(path), basename(path)) ?? 'give its path'
  throw new BackboneError('not-weights', path, `backbone: ${folder} holds no .safetensors file. Of ${other}: ${remedy}`)
}
