import type { Backbone } from '@pilotjs/core'
import { atPrecision } from '@pilotjs/core/backbones'
import { SafetensorsError } from '@pilotjs/core/safetensors'
import { DownloadError } from '@pilotjs/download'
import { BackboneError } from './backbone-error'
import { type BuildOptions, buildBackbone, cardBeside } from './build-backbone'
import type { CatalogueEntry } from './catalogue'
import { indexFile, kindOfPath, weightsFile, weightsIn } from './find-weights'
import { type HubAddress, hubAddress } from './hub-address'
import { type HubOptions, downloadFirst, downloadFromHub, forgetDownload, isOffline } from './hub-file'
import { readModelCard } from './model-card'
import { findBackbone } from './registry'
import { filesOfIndex } from './weights-file'

export interface BackboneOptions extends HubOptions, BuildOptions {}

/**
 * A backbone by name, path or address, weights and all:
 * - a registered or catalogue name (`vit-icons`, `vit_base_patch16_224.augreg_in21k`, PILOT's `backbone_type`s), downloaded
 *   from the Hugging Face Hub into the cache where need be;
 * - `hf:owner/name`, `timm/NAME` or the address of a page of the Hub: a model that is not in the catalogue;
 * - a `.safetensors` file or an index of several, or a folder with one; the `config.json` beside it, timm's or transformers',
 *   is read. Names may have a prefix (`module.`) and be those of transformers.
 * @throws BackboneError, DownloadError or SafetensorsError: with the nearest known name, the file, the weights that do not
 *   fit, and what to do
 */
export async function resolveBackbone(nameOrPath: string, options: BackboneOptions = {}): Promise<Backbone> {
  const backbone = await foundBackbone(nameOrPath, options)
  try {
    return atPrecision(backbone, options.precision ?? 'fp32')
  } catch (error) {
    backbone.dispose()
    throw error
  }
}

async function foundBackbone(nameOrPath: string, options: BackboneOptions): Promise<Backbone> {
  const kind = await kindOfPath(nameOrPath)
  if (kind === 'file') return fromFile(nameOrPath, options)
  if (kind === 'folder') return fromFile(await weightsIn(nameOrPath), options)
  const address = hubAddress(nameOrPath)
  if (address) return fromHub(address, options)
  if (/[\\/]|\.(safetensors|json|bin|pth?|ckpt|npz)$/.test(nameOrPath)) throw noSuchPath(nameOrPath)
  const found = findBackbone(nameOrPath)
  return 'load' in found ? found.load() : fromCatalogue(found, options)
}

function noSuchPath(path: string): BackboneError {
  const meant = /^[\w.-]+\/[\w.-]+$/.test(path) ? `; for a model of the Hub, write hf:${path}` : ''
  return new BackboneError(
    'unknown',
    path,
    `backbone: there is no file or folder ${path}; give a .safetensors file or its folder, hf:owner/name, or a catalogue name${meant}`,
  )
}

async function fromCatalogue(entry: CatalogueEntry, options: BackboneOptions): Promise<Backbone> {
  const path = await downloadFromHub(entry.repository, weightsFile, options)
  const { name, blueprint, imageSize, preprocessing } = entry
  const timm = { architecture: name.split('.')[0]!, imageSize }
  return fromDownload(path, () =>
    buildBackbone(path, { name, blueprint, timm, preprocessing, source: 'catalogue' }, options),
  )
}

async function fromHub({ repository, revision, path }: HubAddress, given: BackboneOptions): Promise<Backbone> {
  const options = { ...given, revision: given.revision ?? revision }
  const card = await downloadFirst(repository, ['config.json'], options)
  if (card !== undefined && (await readModelCard(card)).from === 'transformers')
    await downloadFirst(repository, ['preprocessor_config.json'], options)
  const wanted = path === undefined ? [weightsFile, indexFile, 'open_clip_model.safetensors'] : [path]
  const weights = await downloadFirst(repository, wanted, options)
  if (weights === undefined) throw await noWeights(repository, options)
  if (weights.endsWith('.index.json'))
    for (const file of await filesOfIndex(weights)) await downloadFromHub(repository, file, options)
  return fromDownload(weights, () => fromFile(weights, options))
}

async function noWeights(repository: string, options: BackboneOptions): Promise<Error> {
  // Says why: offline, or that the repository has none.
  if (isOffline(options))
    return downloadFromHub(repository, weightsFile, options).then(
      () => new Error('it has appeared'),
      (error: Error) => error,
    )
  return new DownloadError({
    code: 'not-found',
    subject: repository,
    reason: `it has no ${weightsFile} at revision ${options.revision ?? 'main'}: its weights are of another format. Convert them with PyTorch and give the file's path`,
  })
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
  return buildBackbone(path, await readModelCard(cardBeside(path)), options)
}
