import { PilotError } from '@pilotjs/core'
import type { Backbone, TransformerBackbone } from '@pilotjs/core'
import { requireTransformer } from './require-transformer'

/**
 * A vision transformer that has these blocks.
 * @param who reaches into them, for the message
 * @throws PilotError `needs-transformer`, `no-such-block`
 */
export function requireBlocks(backbone: Backbone, blocks: readonly number[], who: string): TransformerBackbone {
  const vit = requireTransformer(backbone, who)
  const missing = blocks.filter((block) => !(block >= 0 && block < vit.depth))
  if (missing.length === 0) return vit
  throw new PilotError(
    'no-such-block',
    `${who} reaches into block ${missing.join(', ')}, but ${backbone.name} has blocks 0 to ${vit.depth - 1}: choose among these`,
    { who, blocks: missing, depth: vit.depth },
  )
}
