import type { PilotMapping } from '@pilotjs/core'

/** PILOT's names of `slowLearnerOptions`. */
export const slowLearnerPilotKeys: PilotMapping['keys'] = {
  epochs: 'epochs',
  batch_size: 'batchSize',
  lrate: 'learningRate',
  lrate_decay: 'learningRateDecay',
  milestones: 'milestones',
  weight_decay: 'weightDecay',
  bcb_lrscale: 'backboneScale',
  ca_epochs: 'alignEpochs',
  ca_with_logit_norm: 'logitNorm',
  save_before_ca: { ignored: 'PILOT saves nothing either' },
}

/**
 * PILOT's names of a slow learner's parts: its heads are the trained ones while it trains, and the aligned ones when it scores.
 */
export function slowLearnerPilotTensors(name: string): readonly string[] {
  const [, part, index, rest] = /^(heads|aligned)\.(\d+)\.(.*)$/.exec(name) ?? []
  if (part !== undefined) {
    const scoring = `fc.heads.${index}.0.${rest}`
    return part === 'heads' ? [`after_stage1.${scoring}`, scoring] : [scoring]
  }
  return [
    name
      .replace(/^net\./, 'backbone.')
      .replace(/^gaussians\.means/, 'class_means')
      .replace(/^gaussians\.covariances/, 'class_covs'),
  ]
}
