import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { readSafetensors, readSafetensorsHeader } from '@pilotjs/core'
import type { JsonValue, NamedTensors, Optimizer } from '@pilotjs/core'
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
  /** the last validation accuracy, 0 … 1 */
  validation?: number
}

const OPTIMIZER = 'optimizer.'
const MEMORY = 'memory.'

/** Writes weights, optimizer and state into one file, which is replaced as a whole or not at all. */
export async function saveCheckpoint(file: string, network: Network, optimizer: Optimizer, state: TrainingState) {
  const { tensors, json } = optimizer.state()
  const prefixed = (prefix: string, named: NamedTensors) =>
    Object.fromEntries(Object.entries(named).map(([name, tensor]) => [prefix + name, tensor]))
  await writeSafetensorsFile(
    file,
    { ...network.variables, ...prefixed(OPTIMIZER, tensors), ...prefixed(MEMORY, network.memory.variables) },
    { metadata: { state: JSON.stringify(state), optimizer: JSON.stringify(json) } },
  )
}

export interface Checkpoint {
  state: TrainingState
  weights: NamedTensors
  memory: NamedTensors
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
  const memory: Record<string, tf.Tensor> = {}
  for (const [name, tensor] of Object.entries(readSafetensors(bytes))) {
    if (name.startsWith(OPTIMIZER)) remembered[name.slice(OPTIMIZER.length)] = tensor
    else if (name.startsWith(MEMORY)) memory[name.slice(MEMORY.length)] = tensor
    else weights[name] = tensor
  }
  return {
    state: JSON.parse(metadata.state) as TrainingState,
    weights,
    memory,
    optimizer: { tensors: remembered, json: JSON.parse(metadata.optimizer) as Record<string, JsonValue> },
  }
}

/** Takes over a checkpoint's weights, memory and optimizer, and disposes its tensors. */
export function resume(checkpoint: Checkpoint, network: Network, optimizer: Optimizer) {
  assignAll(network.variables, checkpoint.weights)
  assignAll(network.memory.variables, checkpoint.memory)
  optimizer.restore(checkpoint.optimizer)
  tf.dispose([
    checkpoint.weights as Record<string, tf.Tensor>,
    checkpoint.memory as Record<string, tf.Tensor>,
    checkpoint.optimizer.tensors as Record<string, tf.Tensor>,
  ])
}

function assignAll(variables: Readonly<Record<string, tf.Variable>>, saved: NamedTensors) {
  for (const [name, variable] of Object.entries(variables)) {
    const tensor = saved[name]
    if (!tensor || !tf.util.arraysEqual(tensor.shape, variable.shape)) {
      throw new Error(`The checkpoint does not fit: ${name} is [${tensor?.shape}] there and [${variable.shape}] here.`)
    }
    variable.assign(tensor)
  }
}
