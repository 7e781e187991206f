import type { Tensor, Variable } from '@tensorflow/tfjs-core'

/**
 * Tensors by name: timm's names for a backbone, PILOT's `state_dict` names for everything else, torch's layouts ([out, in] for
 * linear weights).
 */
export type NamedTensors = Readonly<Record<string, Tensor>>

/** Variables by name: what a learner keeps and what training changes. */
export type NamedVariables = Readonly<Record<string, Variable>>

/** What JSON can hold, without loss. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }
