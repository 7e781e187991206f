import type { ResnetConfig } from '../backbones/resnet-config'
import type { VitConfig } from '../backbones/vit-config'
import type { Architecture } from './architecture'

type Shapes = Readonly<Record<string, readonly number[]>>

/** How many indices a pattern with one group finds among the names: the blocks of a stage. */
function countOf(shapes: Shapes, pattern: RegExp): number {
  const indices = Object.keys(shapes).flatMap((name) => pattern.exec(name)?.[1] ?? [])
  return indices.length === 0 ? 0 : Math.max(...indices.map(Number)) + 1
}

const problem = (text: string) => new Error(`cannot read the architecture off the weights: ${text}`)

/**
 * The architecture that weights belong to, by their names and shapes. What shapes do not tell is timm's usual value: 64
 * numbers per attention head, LayerNorm's ε of 1e-6.
 * @param known what is known better, e.g. `{ heads: 4 }`
 * @throws Error naming what is missing or ambiguous
 */
export function inferArchitecture(shapes: Shapes, known: Partial<VitConfig> = {}): Architecture {
  if (shapes['patch_embed.proj.weight']) return { kind: 'vit', config: inferVit(shapes, known) }
  if (shapes['conv1.weight'] ?? shapes['conv_1_3x3.weight']) return { kind: 'resnet', config: inferResnet(shapes) }
  throw problem('neither patch_embed.proj.weight (a vision transformer) nor conv1.weight (a residual network) is there')
}

function inferVit(shapes: Shapes, known: Partial<VitConfig>): VitConfig {
  const [width, , patchSize] = shapes['patch_embed.proj.weight']! as [number, number, number]
  const rows = shapes.pos_embed?.[1]
  if (rows === undefined) throw problem('pos_embed is missing')
  const depth = countOf(shapes, /^blocks\.(\d+)\./)
  if (depth === 0) throw problem('there are no blocks.0.…')
  const heads = known.heads ?? width / 64
  if (!Number.isInteger(heads))
    throw problem(
      `width ${width} is no multiple of 64; say how many heads there are: in a config.json beside the file, "model_args": { "num_heads": … }`,
    )
  const classTokens = shapes.cls_token ? 1 : 0
  const registers = shapes.reg_token?.[1] ?? 0
  const covers = [
    ['all', classTokens + registers],
    ['class-and-patches', classTokens],
    ['patches', 0],
  ] as const
  const found = covers.find(([, prefix]) => Number.isInteger(Math.sqrt(rows - prefix)))
  if (!found) throw problem(`the ${rows} rows of pos_embed fit no square grid of patches`)
  const [positions, prefix] = found
  return {
    imageSize: Math.sqrt(rows - prefix) * patchSize,
    patchSize,
    width,
    depth,
    heads,
    mlpRatio: (shapes['blocks.0.mlp.fc1.weight']?.[0] ?? 4 * width) / width,
    classToken: classTokens === 1,
    registers,
    positions,
    preNorm: 'norm_pre.weight' in shapes,
    layerScale: 'blocks.0.ls1.gamma' in shapes,
    qkvBias: 'blocks.0.attn.qkv.bias' in shapes,
    pool: 'fc_norm.weight' in shapes ? 'average' : 'token',
    ...known,
  }
}

function inferResnet(shapes: Shapes): ResnetConfig {
  const cifar = 'conv_1_3x3.weight' in shapes
  const blocks: number[] = []
  for (;;) {
    const stage = cifar ? `stage_${blocks.length + 1}` : `layer${blocks.length + 1}`
    const count = countOf(shapes, new RegExp(`^${stage}\\.(\\d+)\\.`))
    if (count === 0) break
    blocks.push(count)
  }
  return {
    layout: cifar ? 'cifar' : 'imagenet',
    blocks,
    block: 'layer1.0.conv3.weight' in shapes ? 'bottleneck' : 'basic',
    channels: shapes[cifar ? 'conv_1_3x3.weight' : 'conv1.weight']![0]!,
  }
}
