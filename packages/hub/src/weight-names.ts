import * as tf from '@tensorflow/tfjs-core'
import type { NamedTensors } from '@pilotjs/core'
import type { WeightShapes } from '@pilotjs/core/backbones'
import { architectures } from '@pilotjs/core/backbones'
import { transformersName } from './transformers-names'

/** timm's names for the weights of a file. */
export interface NameMap {
  /** By timm's names. */
  readonly shapes: WeightShapes
  /** The names in the file that a weight is made of; several are put one after the other along the first axis. */
  readonly sources: ReadonlyMap<string, readonly string[]>
  /** What was taken off all names. */
  readonly prefix: string
  /** Whose names these were, where they were translated. */
  readonly from?: 'transformers'
}

/**
 * timm's names for weights as people have them: what all names begin with is taken off, and those of Hugging Face's
 * `transformers` (ViT, DeiT, DINOv2) are translated.
 */
export function timmNames(shapes: WeightShapes): NameMap {
  const names = Object.keys(shapes)
  const prefix = commonPrefix(names)
  const bare = new Map(names.map((name) => [name, name.startsWith(prefix) ? name.slice(prefix.length) : name]))
  const translated = [...bare.values()].some((name) => name.startsWith('embeddings.patch_embeddings.'))
  const sources = new Map<string, string[]>()
  for (const [name, short] of bare) {
    const target = translated ? transformersName(short) : (others[short] ?? short)
    sources.set(target, [...(sources.get(target) ?? []), name])
  }
  if (translated) for (const parts of sources.values()) parts.sort(byRole)
  return {
    prefix,
    sources,
    shapes: Object.fromEntries([...sources].map(([name, parts]) => [name, jointShape(parts, shapes)])),
    ...(translated && { from: 'transformers' }),
  }
}

/** What Meta's DINOv2 calls otherwise than timm. */
const others: Readonly<Record<string, string>> = { register_tokens: 'reg_token' }

/** Names that tell weights which no architecture here has, and what to do about them. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [
    /^(visual\.)?(class_embedding|positional_embedding)$/,
    "these are OpenAI's own names for CLIP; take timm's copy of its image tower (timm/vit_base_patch16_clip_224.openai)",
  ],
  [/^vision_model\./, "these are transformers' names for CLIP or SigLIP; take timm's copy of the image tower"],
  [/^(model\.)?layers\.\d+\.self_attn\./, 'this is a language model'],
  [/relative_position_bias_table$/, 'this is a Swin transformer or a BEiT, which are not supported'],
  [/^(model\.)?diffusion_model\.|^down_blocks\./, 'this is a diffusion model'],
]

/** What weights are that none of the architectures has, where their names tell. */
export const foreignWeights = (shapes: WeightShapes): string | undefined =>
  foreign.find(([pattern]) => Object.keys(shapes).some((name) => pattern.test(name)))?.[1]

/** Heads that stand beside the network in a file, under names that do not begin as its own do. */
const beside =
  /^(classifier|cls_classifier|distillation_classifier|head|head_dist|fc|pooler|text|logit_scale|logit_bias)(\.|$)/

/** The longest beginning, up to a dot, after which a landmark of an architecture stands and which all names share. */
function commonPrefix(names: readonly string[]): string {
  const landmarks = [...architectures.flatMap((architecture) => architecture.landmarks), ...foreignLandmarks]
  const prefixes = new Set(
    names.flatMap((name) =>
      landmarks.filter((mark) => name.endsWith(`.${mark}`)).map((mark) => name.slice(0, -mark.length)),
    ),
  )
  // A deep part of a network may be called as another's stem: the shortest beginning is the network's own.
  const [shortest = ''] = [...prefixes].sort((a, b) => a.length - b.length)
  if (names.some((name) => landmarks.includes(name))) return ''
  const strangers = names.filter((name) => !name.startsWith(shortest))
  return strangers.every((name) => beside.test(name)) ? shortest : ''
}

const foreignLandmarks = ['embeddings.patch_embeddings.projection.weight']

const roles = ['query', 'key', 'value']
const roleOf = (name: string) => roles.findIndex((role) => name.includes(`.${role}.`))
const byRole = (a: string, b: string) => roleOf(a) - roleOf(b)

function jointShape(parts: readonly string[], shapes: WeightShapes): readonly number[] {
  const [first, ...others] = parts.map((part) => shapes[part]!)
  if (others.length === 0) return first!
  return [[first!, ...others].reduce((sum, shape) => sum + (shape[0] ?? 0), 0), ...first!.slice(1)]
}

/** Tensors of a file by timm's names. Those that were put together are new, and their parts are disposed. */
export function renameTensors({ sources }: NameMap, tensors: NamedTensors): NamedTensors {
  const renamed: Record<string, tf.Tensor> = {}
  for (const [name, parts] of sources) {
    const found = parts.map((part) => tensors[part]).filter((tensor) => tensor !== undefined)
    if (found.length === 1) renamed[name] = found[0]!
    else if (found.length > 1) {
      renamed[name] = tf.concat(found, 0)
      tf.dispose(found)
    }
  }
  return renamed
}
