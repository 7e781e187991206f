import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Backbone, Precision, Preprocessing } from '@pilotjs/core'
import type { PreprocessingRecipe } from '@pilotjs/core/backbones'
import {
  createBackbone,
  inferBlueprint,
  preprocessingDifferences,
  preprocessingText,
  resized,
  weightShapes,
} from '@pilotjs/core/backbones'
import { checkFinite } from '@pilotjs/core/parameters'
import { SafetensorsError } from '@pilotjs/core/safetensors'
import * as tf from '@tensorflow/tfjs-core'
import { BackboneError } from './backbone-error'
import { recordedSha256 } from './hub-file'
import { knownFile } from './known-files'
import type { ModelCard } from './model-card-form'
import type { BackboneNotice, PreprocessingSource } from './notice'
import { openWeights } from './weights-file'
import { type NameMap, foreignWeights, renameTensors, timmNames } from './weight-names'

export interface BuildOptions {
  /** Side of the input in pixels, where it should not be the model's own: position embeddings are resampled. */
  imageSize?: number
  /** What a local file's weights do not tell, e.g. `{ heads: 4 }`. */
  config?: object
  /** Used in place of the model's own preprocessing. */
  preprocessing?: Partial<PreprocessingRecipe>
  /** What weights are kept and multiplied in. Default `fp32`; see core's `atPrecision`. */
  precision?: Precision
  /** Told what a person should know of the weights. */
  onNotice?(notice: BackboneNotice): void
}

/**
 * Reads weights, finds out which network they belong to, checks them, and builds it.
 * @throws BackboneError naming the file and what is wrong; SafetensorsError for a damaged file
 */
export async function buildBackbone(path: string, card: ModelCard, options: BuildOptions): Promise<Backbone> {
  const file = await openWeights(path)
  const recorded = await recordedSha256(path)
  if (recorded !== undefined && recorded !== file.sha256)
    throw new SafetensorsError(`${path}: its checksum is not that of the download any more`)
  try {
    const names = timmNames(file.shapes)
    const known = card.blueprint === undefined && card.source === undefined ? knownFile(file.sha256) : undefined
    const found =
      card.blueprint ??
      known?.blueprint ??
      inferBlueprint(names.shapes, { card: card.timm ?? known?.card, known: options.config })
    const blueprint = options.imageSize === undefined ? found : resized(found, options.imageSize)
    const { architecture, config } = blueprint
    // A classification head is left out before it is decoded: with 21,843 classes it is a fifth of the file.
    const wanted = weightShapes(blueprint)
    const chosen = new Set(
      [...names.sources].flatMap(([name, parts]) => (name in wanted || !architecture.ignores(name) ? parts : [])),
    )
    const parameters = renameTensors(names, await file.read((name) => chosen.has(name)))
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([file.sha256, architecture.name, config]))
      .digest('hex')
      .slice(0, 32)
    const own = known?.preprocessing ?? card.preprocessing
    const name = card.name ?? known?.name ?? path
    try {
      await checkFinite(path, parameters)
      const backbone = createBackbone(blueprint, parameters, {
        name,
        preprocessing: { ...own, ...options.preprocessing },
        fingerprint,
      })
      tellOfNames(path, names, options)
      tellOfPreprocessing(
        path,
        backbone.preprocessing,
        { own, source: known ? 'known-file' : card.source, cropMode: card.cropMode },
        options,
      )
      return backbone
    } catch (error) {
      tf.dispose(parameters)
      throw error
    }
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof BackboneError) throw error
    // What builds a backbone may have named the file already.
    const why = (error instanceof Error ? error.message : String(error)).replace(`${path}: `, '')
    const reason = foreignWeights(file.shapes) ?? why
    throw new BackboneError('not-modelled', path, `backbone ${path}: ${reason}`, error)
  }
}

function tellOfNames(file: string, { prefix, from }: NameMap, { onNotice }: BuildOptions): void {
  if (prefix !== '')
    onNotice?.({
      code: 'prefix-stripped',
      file,
      prefix,
      message: `${file}: all its weights' names begin with "${prefix}", which is taken off`,
    })
  if (from)
    onNotice?.({
      code: 'names-mapped',
      file,
      from,
      message: `${file}: its weights have the names of transformers; they are read by timm's`,
    })
}

interface OwnPreprocessing {
  readonly own?: Partial<PreprocessingRecipe>
  readonly source?: PreprocessingSource
  readonly cropMode?: string
}

function tellOfPreprocessing(
  file: string,
  preprocessing: Preprocessing,
  { own, source = 'default', cropMode }: OwnPreprocessing,
  options: BuildOptions,
): void {
  const used = preprocessingText(preprocessing)
  const chosen = options.preprocessing !== undefined
  const reasons: Readonly<Record<PreprocessingSource, string>> = {
    option: 'as asked for',
    'config.json': `as the config.json beside it says`,
    'preprocessor_config.json': 'as the preprocessor_config.json beside it says',
    catalogue: 'as the catalogue says',
    'known-file': 'as the catalogue says of this file, which its SHA-256 tells',
    default:
      `the usual one of its kind, because nothing in ${dirname(file)} tells it: if it was trained otherwise, features are ` +
      'worse. Get the config.json of the model too, or give the preprocessing',
  }
  const why = chosen ? 'option' : source
  const crop = cropMode === undefined ? '' : `; its crop_mode "${cropMode}" is not supported: the centre is taken`
  onNoticeOf(options, {
    code: 'preprocessing',
    file,
    source: why,
    preprocessing,
    message: `${file}: images are prepared with ${used}, ${reasons[why]}${crop}`,
  })
  if (!chosen || !own) return
  const differences = preprocessingDifferences({ ...preprocessing, ...own }, preprocessing)
  if (differences.length === 0) return
  const list = differences.map(({ field, own, used }) => `${field} ${String(used)} in place of ${String(own)}`)
  onNoticeOf(options, {
    code: 'preprocessing-differs',
    file,
    differences,
    message: `${file}: images are prepared otherwise than the weights were made with (${list.join(', ')})`,
  })
}

const onNoticeOf = ({ onNotice }: BuildOptions, notice: BackboneNotice): void => onNotice?.(notice)

/** The card beside weights. */
export const cardBeside = (path: string): string => join(dirname(path), 'config.json')
