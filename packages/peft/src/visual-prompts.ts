import * as tf from '@tensorflow/tfjs-core'
import type { Tuning } from '@pilotjs/core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import type { PeftModule } from './module'

export interface VisualPromptOptions {
  width: number
  depth: number
  /** Prompt tokens per set. */
  length: number
  /** `deep`: a set of its own enters every block; `shallow`: one set walks through all blocks. */
  kind: 'deep' | 'shallow'
  /** Put before the name `Prompt_Tokens`. */
  prefix: string
}

/**
 * Visual prompt tuning: learned tokens at the end of the sequence, without position embedding (Jia et al., ECCV 2022,
 * https://arxiv.org/abs/2203.12119). They start at zero, as in PILOT; a zero token still takes part in attention.
 */
export function visualPrompts(options: VisualPromptOptions): PeftModule {
  const { width, depth, length, kind, prefix } = options
  const part = drawnWeights(prefix, () => ({ Prompt_Tokens: tf.zeros([kind === 'deep' ? depth : 1, length, width]) }))
  const set = (index: number, batch: number) =>
    tf.tile(tf.slice(part.tensors().Prompt_Tokens as Tensor3D, [index, 0, 0], [1, length, width]), [batch, 1, 1])
  const append = (tokens: Tensor3D, index: number) => tf.concat([tokens, set(index, tokens.shape[0])], 1)
  const shallow: Tuning = { embed: (tokens) => append(tokens, 0) }
  const deep: Tuning = {
    // What the last block made of its prompts is dropped; the next set comes in fresh.
    enter: (tokens, block) =>
      append(block === 0 ? tokens : tf.slice(tokens, [0, 0, 0], [-1, tokens.shape[1] - length, -1]), block),
  }
  return { ...part, tuning: () => (kind === 'deep' ? deep : shallow) }
}
