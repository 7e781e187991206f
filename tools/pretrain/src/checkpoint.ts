import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { readSafetensors, readSafetensorsHeader } from '@pilotjs/core/safetensors'
import type { JsonValue, NamedTensors, NamedVariables } from '@pilotjs/core'
import type { Optimizer } from '@pilotjs/core/training'
import { writeSafetensorsFile } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import type { Network } from './network'
import type { Recipe } from './recipe'

/** Where a training stands. Random numbers follow from the recipe's seed and the step, so they need no keeping. */
export interface TrainingState {
  recipe: Recipe
  classes: number
  step: number
  /** seconds of training so far, pauses between two runs not counted */
  seconds: number
  /** steps of earlier trainings, with whose weights this one began */
  earlierSteps: number
  /** how wide the network of these was, if this one's is wider */
  earlierWidth?: number
  /** the last validation accuracy, 0 … 1 */
  validation?: number
}

const OPTIMIZER = 'optimizer.'

/** Writes weights, optimizer and state into one file, which is replaced as a whole or not at all. */
export async function saveCheckpoint(file: string, network: Network, optimizer: Optimizer, state: TrainingState) {
  const { tensors, json } = optimizer.state()
  const remembered = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [OPTIMIZER + name, tensor]))
  await writeSafetensorsFile(
    file,
    { ...network.variables, ...network.proxies, ...remembered },
    { metadata: { state: JSON.stringify(state), optimizer: JSON.stringify(json) } },
  )
}

export interface Checkpoint {
  state: TrainingState
  weights: NamedTensors
  optimizer: { tensors: NamedTensors; json: Record<string, JsonValue> }
}

/** @throws Error if the file is no checkpoint of a pre-training */
export async function readCheckpoint(file: string): Promise<Checkpoint | undefined> {
  if (!existsSync(file)) return undefined
  const bytes = await readFile(file)
  const { metadata } = readSafetensorsHeader(bytes)
  if (!metadata?.state || !metadata.optimizer) throw new Error(`${file} is not a checkpoint of a pre-training.`)
  const weights: Record<string, tf.Tensor> = {}
  const remembered: Record<string, tf.Tensor> = {}
  for (const [name, tensor] of Object.entries(readSafetensors(bytes))) {
    if (name.startsWith(OPTIMIZER)) remembered[name.slice(OPTIMIZER.length)] = tensor
    else weights[name] = tensor
  }
  return {
    state: JSON.parse(metadata.state) as TrainingState,
    weights,
    optimizer: { tensors: remembered, json: JSON.parse(metadata.optimizer) as Record<string, JsonValue> },
  }
}

/** Takes over weights and disposes them. */
export function takeOver(weights: NamedTensors, variables: NamedVariables) {
  for (const [name, variable] of Object.entries(variables)) {
    const saved = weights[name]
    if (!saved || !tf.util.arraysEqual(saved.shape, variable.shape)) {
      throw new Error(`The weights do not fit: ${name} is [${saved?.shape}] there and [${variable.shape}] here.`)
    }
    variable.assign(saved)
  }
  tf.dispose(weights as Record<string, tf.Tensor>)
}

/** Takes over a checkpoint's weights and optimizer, and disposes its tensors. */
export function resume(checkpoint: Checkpoint, network: Network, optimizer: Optimizer) {
  takeOver(checkpoint.weights, { ...network.variables, ...network.proxies })
  optimizer.restore(checkpoint.optimizer)
  tf.dispose(checkpoint.optimizer.tensors as Record<string, tf.Tensor>)
}
