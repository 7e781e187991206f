import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { NamedTensors } from '@pilotjs/core'
import type { WeightShapes } from '@pilotjs/core/backbones'
import { openSafetensorsFile } from '@pilotjs/core/node'
import { type Tensor, dispose } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { BackboneError } from './backbone-error'
import { recogniseFile, remedyFor } from './recognise-file'

/** The weights of a file, or of several that an index holds together. */
export interface WeightsFile {
  readonly path: string
  /** SHA-256 of the file; of several, of their digests in the order of their names. */
  readonly sha256: string
  readonly shapes: WeightShapes
  /** The tensors that are chosen, by their names in the file. The caller disposes them. */
  read(select: (name: string) => boolean): Promise<NamedTensors>
}

/**
 * Opens a `.safetensors` file, or an index (`….safetensors.index.json`) and all files that it names.
 * @throws BackboneError for what is no such file, with the remedy; SafetensorsError naming file and tensor for a damaged one
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  return path.endsWith('.index.json') ? openIndex(path) : openFile(path)
}

async function openFile(path: string): Promise<WeightsFile> {
  const kind = await recogniseFile(path)
  const remedy = remedyFor(kind, path)
  // What is called safetensors but is damaged from its first byte on is the reader's to describe.
  if (remedy !== undefined && !(kind === 'unknown' && path.endsWith('.safetensors')))
    throw new BackboneError('not-weights', path, `backbone ${path}: ${remedy}`)
  const file = await openSafetensorsFile(path)
  return {
    path,
    sha256: await sha256Of(path),
    shapes: Object.fromEntries(file.entries.map(({ name, shape }) => [name, shape])),
    read: (select) => file.read({ select }),
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const index = z.object({ weight_map: z.record(z.string(), z.string()) })
/** An index of 100,000 weights takes less. */
const longestIndex = 1 << 24

const indexProblem = (path: string, text: string, cause?: unknown) =>
  new BackboneError('not-weights', path, `backbone ${path}: ${text}`, cause)

async function readIndex(path: string): Promise<{ map: Record<string, string>; names: string[] }> {
  if ((await stat(path)).size > longestIndex)
    throw indexProblem(path, `it is longer than ${longestIndex} bytes: no index of weights`)
  let map: Record<string, string>
  try {
    map = index.parse(JSON.parse(await readFile(path, 'utf8'))).weight_map
  } catch (error) {
    const text = 'it is no index of safetensors files: "weight_map" should name a file for each weight'
    throw indexProblem(path, text, error)
  }
  const names = [...new Set(Object.values(map))].sort()
  const odd = names.find((name) => !/^[\w.-]+\.safetensors$/.test(name))
  if (odd !== undefined)
    throw indexProblem(path, `it names the file ${JSON.stringify(odd)}; files lie beside the index`)
  return { map, names }
}

/** The names of the files that an index holds together, in order. */
export const filesOfIndex = async (path: string): Promise<readonly string[]> => (await readIndex(path)).names

async function openIndex(path: string): Promise<WeightsFile> {
  const { map, names } = await readIndex(path)
  const problem = (text: string) => indexProblem(path, text)
  const files = new Map<string, WeightsFile>()
  for (const name of names) {
    const file = join(dirname(path), name)
    const there = await stat(file).catch(() => undefined)
    if (!there) throw problem(`it names ${name}, which is not beside it; all ${names.length} files are needed`)
    files.set(name, await openFile(file))
  }
  const shapes: Record<string, readonly number[]> = {}
  for (const [weight, name] of Object.entries(map)) {
    const shape = files.get(name)!.shapes[weight]
    if (!shape)
      throw problem(`it says that ${name} holds ${weight}, which it does not: they belong to different models`)
    shapes[weight] = shape
  }
  return {
    path,
    sha256: createHash('sha256')
      .update([...files.values()].map(({ sha256 }) => sha256).join('\n'))
      .digest('hex'),
    shapes,
    async read(select) {
      const tensors: Record<string, Tensor> = {}
      try {
        for (const [name, file] of files)
          Object.assign(tensors, await file.read((key) => map[key] === name && select(key)))
        return tensors
      } catch (error) {
        dispose(tensors)
        throw error
      }
    },
  }
}
