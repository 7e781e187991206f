import { network } from '@pilotjs/core'
import type { FeatureExtractor, Mode, NamedTensors, Network, TransformerBackbone } from '@pilotjs/core'
import { concat } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'

/** A vision transformer cut before its last block: one trunk, and as many ends of it as there are tasks. */
export interface SharedTrunk {
  /** All blocks but the last, with what embeds images: it trains. */
  readonly trunk: Network
  /** The last block and the norm that follows it. @param weights how it starts; default: as pre-trained */
  end(weights?: NamedTensors): Network
  /** The weights of an end, by timm's names, as they were pre-trained. */
  readonly pretrainedEnd: NamedTensors
  /** [batch, height, width, 3] → [batch, tokens, width], as they enter the last block. */
  tokens(images: Tensor4D, mode?: Mode): Tensor3D
  /** What an end makes of the trunk's tokens: [batch, tokens, width] → [batch, width]. */
  features(end: Network, tokens: Tensor3D, mode?: Mode): Tensor2D
  /** The features of all these ends next to each other; the trunk is walked through once. */
  extractor(ends: readonly Network[]): FeatureExtractor
}

export function sharedTrunk(backbone: TransformerBackbone): SharedTrunk {
  const last = backbone.depth - 1
  const isOfEnd = (name: string) => name.startsWith(`blocks.${last}.`) || /^(fc_)?norm\./.test(name)
  const weights = Object.entries(backbone.parameters)
  const pretrainedEnd = Object.fromEntries(weights.filter(([name]) => isOfEnd(name)))
  const trunk = network({ backbone, weights: Object.fromEntries(weights.filter(([name]) => !isOfEnd(name))) })

  const self: SharedTrunk = {
    trunk,
    pretrainedEnd,
    end: (weights = pretrainedEnd) => network({ backbone, weights }),
    tokens(images, mode) {
      const options = trunk.forward(mode)
      return backbone.blocks(backbone.embed(images, options), 0, last, options)
    },
    features(end, tokens, mode) {
      const options = end.forward(mode)
      const leaving = backbone.blocks(tokens, last, backbone.depth, options, backbone.pooledTokens)
      return backbone.pool(leaving, options)
    },
    extractor(ends) {
      const ids = [trunk, ...ends].map((net) => net.extractor.id)
      return {
        // One of them may still train: then features are worth nothing to a cache.
        id: ids.includes(undefined) ? undefined : async () => (await Promise.all(ids.map((id) => id!()))).join('+'),
        width: backbone.width * ends.length,
        apply(images) {
          const tokens = self.tokens(images)
          return concat(
            ends.map((end) => self.features(end, tokens)),
            1,
          )
        },
      }
    },
  }
  return self
}
