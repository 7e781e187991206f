import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Mode } from './mode'
import type { NamedTensors } from './tensors'

/** How images are prepared for a backbone (timm's data config). */
export interface Preprocessing {
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number]
  /** Per channel, of pixels scaled to 0 … 1. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  readonly interpolation: 'bilinear' | 'bicubic'
  /** Part of the resized image that the centre crop keeps, 0 … 1. */
  readonly cropFraction: number
}

/** Tokens of a sequence that lie one after the other. */
export interface TokenRange {
  readonly first: number
  readonly count: number
}

/**
 * The seams of a transformer, where parameter-efficient fine-tuning reaches in. Each hook is optional; `block` counts
 * from 0. Sequences start with the prefix tokens (class token, then register tokens). What follows attention treats every token
 * by itself: where only some of the last block's are read, its `besideAttention`, `branch` and `modulate` get these alone.
 */
export interface Tuning {
  /** Changes the sequence before block 0, position embedding already added: L2P, VPT-shallow. */
  embed?(tokens: Tensor3D, site: EmbedSite): Tensor3D
  /** Changes the sequence as it enters a block: VPT-deep. */
  enter?(tokens: Tensor3D, block: number): Tensor3D
  /** Keys and values put before a block's own: DualPrompt, CODA-Prompt, LAE. */
  prefix?(block: number): PrefixPair | undefined
  /** Changes the joint projection [batch, tokens, 3·width] of a block's normalised input: LoRA. */
  qkv?(projected: Tensor3D, input: Tensor3D, block: number): Tensor3D
  /** Added beside attention; `input` is the block's normalised input: LAE's adapters. */
  besideAttention?(input: Tensor3D, block: number): Tensor3D | undefined
  /** Added beside the MLP; `input` is the residual stream after attention, before its norm: adapters. */
  branch?(input: Tensor3D, block: number): Tensor3D | undefined
  /** Follows a linear layer or norm; `site` is its timm name, e.g. `blocks.3.mlp.fc1`: SSF. */
  modulate?<T extends Tensor>(output: T, site: string): T
}

export interface EmbedSite {
  /** [1, prefix + patches, width], as added to the tokens. */
  readonly positions: Tensor3D
  /** How many tokens stand before the patches. */
  readonly prefixTokens: number
}

/** [batch or 1, length, width] each, split into heads by the attention that takes them. */
export interface PrefixPair {
  readonly keys: Tensor3D
  readonly values: Tensor3D
  /**
   * The prefix is weighed as if it stood alone (its weights sum to 1), while a block's own tokens keep the weights that they
   * have beside it: LAE's compensation for the little that a few new tokens weigh among many. Default false.
   */
  readonly compensated?: boolean
}

export interface ForwardOptions extends Mode {
  /**
   * Used in place of the backbone's own, by the same names (missing names fall back): a trained copy. Running statistics of
   * batch norm move while training only where they are among these.
   */
  parameters?: NamedTensors
  tuning?: Tuning
}

/**
 * What a backbone's weights are kept and multiplied in: `fp32`, floats of 32 bits; `fp16`, weights rounded to 16 bits, in half
 * the memory; `int8`, matrices in 8 bits for what does not train any more (features of frozen networks), floats for what does.
 */
export type Precision = 'fp32' | 'fp16' | 'int8'

/** The pre-trained network: a pure function of named parameters and images. */
export interface Backbone {
  /** e.g. `vit_base_patch16_224.augreg_in21k`. */
  readonly name: string
  /** Name of the family it is built by, e.g. `vit`: for people; what it can do is asked with `isTransformer`. */
  readonly architecture: string
  /** Numbers per image. */
  readonly width: number
  readonly preprocessing: Preprocessing
  /** Default `fp32`; see `atPrecision`. */
  readonly precision?: Precision
  /**
   * Hash of architecture, weights and precision: features of equal fingerprints are equal. Reads every weight when first asked,
   * if need be.
   */
  fingerprint(): Promise<string>
  /** Frozen; timm's names and layouts. */
  readonly parameters: NamedTensors
  /** [batch, height, width, 3] → [batch, width]: the class token after the last norm, or the pooled map. */
  features(images: Tensor4D, options?: ForwardOptions): Tensor2D
  dispose(): void
}

/** A backbone that thinks in tokens. */
export interface TransformerBackbone extends Backbone {
  readonly depth: number
  readonly heads: number
  /** Tokens before the patches: class token and registers. */
  readonly prefixTokens: number
  /** The tokens that `pool` reads: all that the last block need compute for it. Undefined: all. */
  readonly pooledTokens: TokenRange | undefined
  /**
   * [batch, height, width, 3] → [batch, tokens, width] after the last norm, tokens that the tuning added included.
   * @param range tokens to give: the last block then computes these alone, which saves up to a block. Default: all
   */
  tokens(images: Tensor4D, options?: ForwardOptions, range?: TokenRange): Tensor3D
  /** The pieces that `features` is made of, for networks that share a trunk: images → the sequence that enters block 0, */
  embed(images: Tensor4D, options?: ForwardOptions): Tensor3D
  /** blocks `from` … `to` − 1, of whose last nothing but the tokens in `range` is computed; default: all, */
  blocks(tokens: Tensor3D, from: number, to: number, options?: ForwardOptions, range?: TokenRange): Tensor3D
  /** the sequence that leaves the last block, or its `pooledTokens` alone → [batch, width], norm included. */
  pool(tokens: Tensor3D, options?: ForwardOptions): Tensor2D
}

/** Whether a backbone has a transformer's seams: tokens, blocks, and places where tuning reaches in. */
export const isTransformer = (backbone: Backbone): backbone is TransformerBackbone =>
  'tokens' in backbone && 'embed' in backbone && 'blocks' in backbone && 'pool' in backbone

/** What a backbone is told beside its architecture and weights. */
export interface BackboneMeta {
  /** Default: the architecture's name. */
  readonly name?: string
  /** Default: the architecture's usual one. */
  readonly preprocessing?: Partial<Preprocessing>
  /** A hash of the weights where one is at hand (of their file, say); otherwise every weight is read for one when first asked. */
  readonly fingerprint?: string
}
