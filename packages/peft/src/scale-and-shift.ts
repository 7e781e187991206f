import * as tf from '@tensorflow/tfjs-core'
import type { TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import type { Tensor } from '@tensorflow/tfjs-core'
import { drawnPart } from './drawn-part'
import { requireTransformer } from './require-transformer'

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
export const scaleAndShift = ({ rng }: { rng: Rng }): TuningKind => ({
  name: 'ssf',
  attach(backbone) {
    const { width, depth, parameters } = requireTransformer(backbone, 'SSF')
    const hidden = parameters['blocks.0.mlp.fc1.weight']!.shape[0]!
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

    const part = drawnPart(() => {
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
        const tensors = part.variables()
        return {
          modulate: <T extends Tensor>(output: T, site: string): T => {
            const scale = tensors[named(site, 'scale')]
            const shift = tensors[named(site, 'shift')]
            return scale && shift ? tf.add(tf.mul(output, scale), shift) : output
          },
        }
      },
    }
  },
})

const named = (site: string, kind: 'scale' | 'shift') => pairName(site).replace('#', kind)
