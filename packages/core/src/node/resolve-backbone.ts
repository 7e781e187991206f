import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { type Blueprint, createBackbone, resized, weightShapes } from '../backbones/architecture'
import { inferBlueprint } from '../backbones/infer-blueprint'
import type { Backbone, Preprocessing } from '../contracts/backbone'
import type { CatalogueEntry } from '../catalogue/catalogue'
import { findBackbone } from '../catalogue/registry'
import { messageOf } from '../engine/engines'
import { checkFinite } from '../parameters/check-finite'
import { SafetensorsError, readSafetensors, readSafetensorsHeader } from '../safetensors/index'
import { type HubOptions, downloadFromHub, forgetDownload, recordedSha256 } from './hub'
import { type ModelCard, readModelCard } from './model-card'

export interface BackboneOptions extends HubOptions {
  /** Side of the input in pixels, where it should not be the model's own: position embeddings are resampled. */
  imageSize?: number
  /** What a local file's weights do not tell, e.g. `{ heads: 4 }`. */
  config?: object
  /** Overrides the model's own preprocessing. */
  preprocessing?: Partial<Preprocessing>
}

const weightsFile = 'model.safetensors'

/**
 * A backbone by name or path, weights and all:
 * - a registered or catalogue name (`vit_icons`, `vit_base_patch16_224.augreg_in21k`, PILOT's `backbone_type`s), downloaded
 *   from the Hugging Face Hub into the cache where need be;
 * - `hf:owner/name`, a timm model of the Hub that is not in the catalogue;
 * - a `.safetensors` file with timm's names, or a folder with one; a timm `config.json` beside it is read.
 * @throws Error naming the nearest known name, the file, or the weights that do not fit
 */
export async function resolveBackbone(nameOrPath: string, options: BackboneOptions = {}): Promise<Backbone> {
  if (nameOrPath.startsWith('hf:')) return fromRepository(nameOrPath.slice(3), options)
  const kind = await kindOfPath(nameOrPath)
  if (kind === 'file') return fromFile(nameOrPath, options)
  if (kind === 'folder') return fromFile(await weightsIn(nameOrPath), options)
  if (/[\\/]|\.safetensors$/.test(nameOrPath))
    throw new Error(
      `backbone: there is no file or folder ${nameOrPath}; give a .safetensors file, hf:owner/name, or a catalogue name`,
    )
  const found = findBackbone(nameOrPath)
  return 'load' in found ? found.load() : fromCatalogue(found, options)
}

async function kindOfPath(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}

async function weightsIn(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))
  const file = files.includes(weightsFile) ? weightsFile : files.length === 1 ? files[0] : undefined
  if (file !== undefined) return join(folder, file)
  throw new Error(
    `backbone: ${folder} holds ${files.length === 0 ? 'no .safetensors file' : `several .safetensors files and no ${weightsFile}`}; give the file's own path`,
  )
}

async function fromCatalogue(entry: CatalogueEntry, options: BackboneOptions): Promise<Backbone> {
  const path = await downloadFromHub(entry.repository, weightsFile, options)
  const { blueprint, preprocessing, name } = entry
  return fromDownload(path, () => load(path, { name, blueprint, preprocessing }, options))
}

async function fromRepository(repository: string, options: BackboneOptions): Promise<Backbone> {
  await downloadFromHub(repository, 'config.json', options)
  const path = await downloadFromHub(repository, weightsFile, options)
  return fromDownload(path, () => fromFile(path, options))
}

/** A download that has rotted on the disk is dropped, so that the next start fetches it anew. */
async function fromDownload(path: string, read: () => Promise<Backbone>): Promise<Backbone> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
    await forgetDownload(path)
    throw new SafetensorsError(
      `${error.message}. The damaged file is removed from the cache; start again to fetch it anew`,
    )
  }
}

async function fromFile(path: string, options: BackboneOptions): Promise<Backbone> {
  const card = await readModelCard(join(dirname(path), 'config.json'))
  return load(path, card, options)
}

/** Reads, checks and builds. */
async function load(path: string, card: ModelCard, options: BackboneOptions): Promise<Backbone> {
  const bytes = await readFile(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const recorded = await recordedSha256(path)
  if (recorded !== undefined && recorded !== sha256)
    throw new SafetensorsError(`${path}: its checksum is not that of the download any more`)
  try {
    const blueprint = blueprintOf(bytes, card, options)
    const { architecture, config } = blueprint
    // A classification head is left out before it is decoded: with 21,843 classes it is a fifth of the file.
    const wanted = weightShapes(blueprint)
    const parameters = readSafetensors(bytes, { select: (name) => name in wanted || !architecture.ignores(name) })
    const preprocessing = { ...card.preprocessing, ...options.preprocessing }
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([sha256, architecture.name, config]))
      .digest('hex')
      .slice(0, 32)
    try {
      await checkFinite(path, parameters)
      return createBackbone(blueprint, parameters, { name: card.name ?? path, preprocessing, fingerprint })
    } catch (error) {
      tf.dispose(parameters)
      throw error
    }
  } catch (error) {
    if (error instanceof SafetensorsError) throw new SafetensorsError(`${path}: ${error.message}`)
    // What builds a backbone may have named the file already.
    const reason = messageOf(error).replace(`${path}: `, '')
    throw new Error(`backbone ${path}: ${reason}`, { cause: error })
  }
}

function blueprintOf(bytes: Uint8Array, card: ModelCard, { config, imageSize }: BackboneOptions): Blueprint {
  const { entries } = readSafetensorsHeader(bytes)
  const shapes = Object.fromEntries(entries.map(({ name, shape }) => [name, shape]))
  const found = card.blueprint ?? inferBlueprint(shapes, { card: card.timm, known: config })
  return imageSize === undefined ? found : resized(found, imageSize)
}
