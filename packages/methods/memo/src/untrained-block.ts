import type { NamedTensors } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import { ones, tensor, zeros } from '@tensorflow/tfjs-core'

/**
 * A transformer's last block as torch initialises it: linear layers U(±1/√inputs), biases too, norms that do nothing. PILOT never
 * loads this block's pre-trained weights, which it looks for under another name.
 * @param pretrained the block, and what else there may be, by timm's names
 * @returns the block's tensors by the same names; the caller's to dispose
 */
export function untrainedBlock(pretrained: NamedTensors, rng: Rng): NamedTensors {
  const ofBlock = Object.entries(pretrained).filter(([name]) => name.startsWith('blocks.') && !name.endsWith('.gamma'))
  return Object.fromEntries(
    ofBlock.map(([name, weight]) => {
      if (/\.norm\d\.weight$/.test(name)) return [name, ones(weight.shape)]
      if (/\.norm\d\.bias$/.test(name)) return [name, zeros(weight.shape)]
      const inputs = pretrained[name.replace(/bias$/, 'weight')]!.shape[1]!
      const values = rng.fork(name).uniforms(weight.size, -1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs))
      return [name, tensor(values, weight.shape)]
    }),
  )
}
