import * as tf from '@tensorflow/tfjs-core'
import type { Rng } from '@pilotjs/core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { drawnWeights } from './drawn-weights'
import type { PeftModule } from './module'

export interface ScaleAndShiftOptions {
  width: number
  depth: number
  /** Numbers per token inside the MLP. */
  hidden: number
  rng: Rng
  /** Put before every name, e.g. `backbone.`. */
  prefix: string
}

/** The name of SSF's pair of tensors after a linear layer or norm, as PILOT has it; `#` stands for scale or shift. */
function pairName(site: string): string {
  const [, room = '', layer = ''] = /^(?:(.*)\.)?([^.]+)$/.exec(site) ?? []
  const inRoom = room === '' ? '' : `${room}.`
  const second = layer === 'norm2' || layer === 'fc2' || (layer === 'proj' && room.endsWith('attn'))
  return `${inRoom}ssf_#_${second ? 2 : 1}`
}

/**
 * SSF: every linear layer and norm of the frozen network is followed by z ↦ z · scale + shift per channel (Lian et al.,
 * NeurIPS 2022, https://arxiv.org/abs/2210.08823). Scales start at N(1, 0.02), shifts at N(0, 0.02).
 */
export function scaleAndShift(options: ScaleAndShiftOptions): PeftModule {
  const { width, depth, hidden, rng, prefix } = options
  const sites: [string, number][] = [['patch_embed.proj', width]]
  for (let block = 0; block < depth; block++)
    for (const [site, channels] of [
      ['norm1', width],
      ['attn.qkv', 3 * width],
      ['attn.proj', width],
      ['norm2', width],
      ['mlp.fc1', hidden],
      ['mlp.fc2', width],
    ] as const)
      sites.push([`blocks.${block}.${site}`, channels])
  sites.push(['norm', width])

  const named = (site: string, kind: 'scale' | 'shift') => pairName(site).replace('#', kind)
  const part = drawnWeights(prefix, () => {
    const tensors: Record<string, Tensor> = {}
    for (const [site, channels] of sites) {
      tensors[named(site, 'scale')] = tf.tensor1d(rng.normals(channels, 1, 0.02))
      tensors[named(site, 'shift')] = tf.tensor1d(rng.normals(channels, 0, 0.02))
    }
    return tensors
  })
  return {
    ...part,
    tuning() {
      const tensors = part.tensors()
      return {
        modulate: <T extends Tensor>(output: T, site: string): T => {
          const scale = tensors[named(site, 'scale')]
          const shift = tensors[named(site, 'shift')]
          return scale && shift ? tf.add(tf.mul(output, scale), shift) : output
        },
      }
    },
  }
}
