import * as tf from '@tensorflow/tfjs'
import { freeze, gelu, inInt8, layerNorm, quantize, scaledDotProductAttention } from '../src/index'

/** A vision transformer's size, as far as its cost depends on it. */
export interface VitSize {
  name: string
  width: number
  blocks: number
  heads: number
  patch: number
  pixels: number
}

export const vitB: VitSize = { name: 'ViT-B/16, 224 px', width: 768, blocks: 12, heads: 12, patch: 16, pixels: 224 }
export const vitTiny: VitSize = { name: 'ViT-tiny, 224 px', width: 192, blocks: 12, heads: 3, patch: 16, pixels: 224 }
export const vitSmallImages: VitSize = {
  name: 'ViT 192×6, 32 px',
  width: 192,
  blocks: 6,
  heads: 3,
  patch: 4,
  pixels: 32,
}

const bottleneck = 64
const classes = 10

/** Seeded numbers in −0.5 … 0.5 (mulberry32), so that every engine gets the same weights. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5
  }
}

export type Weights = Record<string, { shape: number[]; data: Float32Array }>

/** Weights under timm's names, matrices as [out, in]. */
export function vitWeights({ width, blocks, patch, pixels }: VitSize): Weights {
  const random = uniform(1)
  const weights: Weights = {}
  const fill = (name: string, shape: number[], value: () => number) => {
    weights[name] = { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value) }
  }
  const matrix = (name: string, out: number, inputs: number) => {
    fill(`${name}.weight`, [out, inputs], () => random() * 0.07)
    fill(`${name}.bias`, [out], () => 0)
  }
  const norm = (name: string) => {
    fill(`${name}.weight`, [width], () => 1)
    fill(`${name}.bias`, [width], () => 0)
  }
  matrix('patch_embed.proj', width, patch * patch * 3)
  fill('pos_embed', [1, (pixels / patch) ** 2, width], () => random() * 0.07)
  for (let i = 0; i < blocks; i++) {
    norm(`blocks.${i}.norm1`)
    matrix(`blocks.${i}.attn.qkv`, 3 * width, width)
    matrix(`blocks.${i}.attn.proj`, width, width)
    norm(`blocks.${i}.norm2`)
    matrix(`blocks.${i}.mlp.fc1`, 4 * width, width)
    matrix(`blocks.${i}.mlp.fc2`, width, 4 * width)
    matrix(`blocks.${i}.adapter.down`, bottleneck, width)
    matrix(`blocks.${i}.adapter.up`, width, bottleneck)
  }
  norm('norm')
  matrix('head', classes, width)
  return weights
}

/** Patches of random images: [batch, patches, patch·patch·3]. */
export function vitInput({ patch, pixels }: VitSize, batch: number): { shape: number[]; data: Float32Array } {
  const random = uniform(7)
  const shape = [batch, (pixels / patch) ** 2, patch * patch * 3]
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 3.4) }
}

/** Linear layer with torch's [out, in] weights as one fused product, and the gradients somebody asks for. */
function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [out, inputs] = weight.shape as [number, number]
  const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D
  const engine = tf.engine() as unknown as {
    runKernelFunc(kernel: {
      inputs: Record<string, tf.Tensor>
      forwardFunc(backend: unknown, save: (tensors: tf.Tensor[]) => void): tf.Tensor
      backwardsFunc(dy: tf.Tensor2D, saved: tf.Tensor2D[]): Record<string, () => tf.Tensor>
    }): tf.Tensor
  }
  const y = engine.runKernelFunc({
    inputs: { rows, weight, bias },
    forwardFunc: (_, save) => {
      save([rows, weight])
      return tf.fused.matMul({ a: rows, b: weight as tf.Tensor2D, transposeB: true, bias })
    },
    backwardsFunc: (dy, [x, w]) => ({
      rows: () => tf.matMul(dy, w!),
      weight: () => tf.matMul(dy, x!, true),
      bias: () => tf.sum(dy, 0),
    }),
  })
  return tf.reshape(y, [...x.shape.slice(0, -1), out])
}

/** The network in TensorFlow.js. `adapters`: whether each block has one beside its MLP, which is then what trains. */
export function vitInTfjs(size: VitSize, inInt8Too = false) {
  const weights = vitWeights(size)
  const { width, blocks, heads } = size
  const isTrained = (name: string) => name.includes('adapter') || name.startsWith('head')
  const variables: tf.Variable[] = []
  const tensors: Record<string, tf.Tensor> = {}
  for (const [name, { shape, data }] of Object.entries(weights)) {
    const tensor = tf.tensor(data, shape)
    if (isTrained(name)) variables.push((tensors[name] = tf.variable(tensor)) as tf.Variable)
    else if (inInt8Too && shape.length === 2) quantize((tensors[name] = tensor))
    else freeze((tensors[name] = tensor))
    // The closures below would keep it.
    Reflect.deleteProperty(weights, name)
  }
  const layer = (name: string, x: tf.Tensor) => linear(x, tensors[`${name}.weight`]!, tensors[`${name}.bias`]!)
  const norm = (name: string, x: tf.Tensor) => layerNorm(x, tensors[`${name}.weight`]!, tensors[`${name}.bias`]!, 1e-6)

  const attention = (name: string, x: tf.Tensor): tf.Tensor => {
    const [batch, length] = x.shape as [number, number, number]
    const qkv = tf.transpose(
      tf.reshape(layer(`${name}.qkv`, x), [batch, length, 3 * heads, width / heads]),
      [0, 2, 1, 3],
    )
    const [q, k, v] = tf.split(qkv, 3, 1)
    const mixed = scaledDotProductAttention(q!, k!, v!)
    return layer(`${name}.proj`, tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, width]))
  }
  const features = (images: tf.Tensor, adapters: boolean): tf.Tensor => {
    let x = tf.add(layer('patch_embed.proj', images), tensors.pos_embed!)
    for (let i = 0; i < blocks; i++) {
      const name = `blocks.${i}`
      x = tf.add(x, attention(`${name}.attn`, norm(`${name}.norm1`, x)))
      const hidden = gelu(layer(`${name}.mlp.fc1`, norm(`${name}.norm2`, x)))
      let y = layer(`${name}.mlp.fc2`, hidden)
      if (adapters) {
        const branch = layer(`${name}.adapter.up`, tf.relu(layer(`${name}.adapter.down`, x)))
        y = tf.add(y, tf.mul(branch, 0.1))
      }
      x = tf.add(x, y)
    }
    const [batch] = x.shape as [number]
    return norm('norm', tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, width]), [batch, width]))
  }
  const logits = (images: tf.Tensor) => layer('head', features(images, true))
  const featuresInInt8 = (images: tf.Tensor) => inInt8(() => features(images, false))
  return { features, featuresInInt8, logits, variables, classes }
}
