import type { Architecture } from '../architecture'
import { inferVit } from './infer-vit'
import { createVit, initVit, isOfPretraining } from './vit'
import { readVitCard } from './vit-card'
import type { VitConfig } from './vit-config'
import { vitConfigSchema, vitShape, vitWeightShapes } from './vit-config'

/** Vision transformers (Dosovitskiy et al., ICLR 2021), DeiT, DINOv2 and CLIP's image towers, as timm names their weights. */
export const vit: Architecture<VitConfig> = {
  name: 'vit',
  noun: 'a vision transformer',
  configSchema: vitConfigSchema,
  create: createVit,
  initialize: initVit,
  weightShapes: vitWeightShapes,
  sizes: (config) => {
    const { imageSize, width } = vitShape(config)
    return { imageSize, width }
  },
  landmarks: ['patch_embed.proj.weight'],
  infer: inferVit,
  readCard: readVitCard,
  ignores: isOfPretraining,
}
