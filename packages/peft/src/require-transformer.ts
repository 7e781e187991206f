import { PilotError, isTransformer } from '@pilotjs/core'
import type { Backbone, TransformerBackbone } from '@pilotjs/core'

/** A vision transformer. @param who wants one, for the message. @throws PilotError `needs-transformer` */
export function requireTransformer(backbone: Backbone, who: string): TransformerBackbone {
  if (isTransformer(backbone)) return backbone
  throw new PilotError(
    'needs-transformer',
    `${who} reaches into a vision transformer, but ${backbone.name} (${backbone.architecture}) is none: choose a vit backbone, ` +
      'such as vit_base_patch16_224.augreg_in21k for photographs or vit-icons for drawings',
    { who, backbone: backbone.name },
  )
}
