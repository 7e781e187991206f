import type { PilotMapping } from '../contracts/pilot'

/** PILOT's names of `recipeOptions`. */
export const recipePilotKeys: PilotMapping['keys'] = {
  tuned_epoch: 'epochs',
  batch_size: 'batchSize',
  init_lr: 'learningRate',
  weight_decay: 'weightDecay',
  min_lr: 'minimumLearningRate',
  optimizer: 'optimizer',
  init_milestones: 'milestones',
  init_lr_decay: 'learningRateDecay',
  scheduler: {
    read: (value) => ({ schedule: value === 'steplr' ? 'multiStep' : value }),
  },
}

/** PILOT's names of `stagedRecipeOptions`. */
export const stagedRecipePilotKeys: PilotMapping['keys'] = {
  batch_size: 'batchSize',
  init_epoch: 'baseEpochs',
  init_lr: 'baseLearningRate',
  init_milestones: 'baseMilestones',
  init_lr_decay: 'baseLearningRateDecay',
  init_weight_decay: 'baseWeightDecay',
  epochs: 'epochs',
  lrate: 'learningRate',
  milestones: 'milestones',
  lrate_decay: 'learningRateDecay',
  weight_decay: 'weightDecay',
}

/** PILOT's memory options, for a method that keeps no exemplars. */
export const withoutMemoryPilotKeys: PilotMapping['keys'] = {
  memory_size: { ignored: 'this method keeps no exemplars' },
  memory_per_class: { ignored: 'this method keeps no exemplars' },
  fixed_memory: { ignored: 'this method keeps no exemplars' },
}
