import * as tf from '@tensorflow/tfjs-core'
import type { Tuning, TuningKind } from '@pilotjs/core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireTransformer } from './require-transformer'

export interface VisualPromptOptions {
  /** Prompt tokens per set. */
  length: number
  /** `deep`: a set of its own enters every block; `shallow`: one set walks through all blocks. */
  kind: 'deep' | 'shallow'
}

/**
 * Visual prompt tuning: learned tokens at the end of the sequence, without position embedding (Jia et al., ECCV 2022,
 * https://arxiv.org/abs/2203.12119). They start at zero, as in PILOT; a zero token still takes part in attention.
 */
export const visualPrompts = ({ length, kind }: VisualPromptOptions): TuningKind => ({
  name: `vpt-${kind}`,
  attach(backbone) {
    const { width, depth } = requireTransformer(backbone, 'VPT')
    const part = drawnPart(() => ({ Prompt_Tokens: tf.zeros([kind === 'deep' ? depth : 1, length, width]) }))
    const set = (index: number, batch: number) => {
      const tokens = part.variables().Prompt_Tokens as unknown as Tensor3D
      return tf.tile(tf.slice(tokens, [index, 0, 0], [1, length, width]), [batch, 1, 1])
    }
    const append = (tokens: Tensor3D, index: number) => tf.concat([tokens, set(index, tokens.shape[0])], 1)
    const shallow: Tuning = { embed: (tokens) => append(tokens, 0) }
    const deep: Tuning = {
      // What the last block made of its prompts is dropped; the next set comes in fresh.
      enter: (tokens, block) =>
        append(block === 0 ? tokens : tf.slice(tokens, [0, 0, 0], [-1, tokens.shape[1] - length, -1]), block),
    }
    return { ...part, tuning: () => (kind === 'deep' ? deep : shallow) }
  },
})
