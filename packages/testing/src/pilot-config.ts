import type { JsonValue } from '@pilotjs/core'

type Keys = Readonly<Record<string, JsonValue>>

/** What PILOT's files for CIFAR-100 have in common: data, ten classes a task, no exemplars, one seed. */
const common: Keys = {
  prefix: 'reproduce',
  dataset: 'cifar224',
  memory_size: 0,
  memory_per_class: 0,
  fixed_memory: false,
  shuffle: true,
  init_cls: 10,
  increment: 10,
  device: ['0'],
  seed: [1993],
}

/** What files of methods of one kind have in common besides. */
const kinds = {
  /** Adapts in the first task. */
  firstTask: {
    backbone_type: 'pretrained_vit_b16_224_adapter',
    tuned_epoch: 20,
    init_lr: 0.01,
    batch_size: 48,
    weight_decay: 0.0005,
    min_lr: 0,
    ffn_num: 64,
    optimizer: 'sgd',
    vpt_type: 'shallow',
    prompt_token_num: 5,
  },
  /** Trains a pool of prompts. */
  prompts: {
    get_original_backbone: true,
    tuned_epoch: 5,
    weight_decay: 0,
    min_lr: 1e-5,
    optimizer: 'adam',
    scheduler: 'constant',
    reinit_optimizer: true,
    global_pool: 'token',
    freeze: ['blocks', 'patch_embed', 'cls_token', 'norm', 'pos_embed'],
    pretrained: true,
    drop: 0.0,
    drop_path: 0.0,
    prompt_pool: true,
    size: 10,
    length: 5,
    initializer: 'uniform',
    prompt_key: true,
    prompt_key_init: 'uniform',
    shared_prompt_key: false,
    batchwise_prompt: true,
    embedding_key: 'cls',
    predefined_key: '',
    pull_constraint: true,
    pull_constraint_coeff: 0.1,
  },
  /** Trains the whole network slowly, then aligns its head. */
  slowLearner: {
    model_postfix: '20e',
    backbone_type: 'vit_base_patch16_224',
    lrate: 0.01,
    weight_decay: 0.0005,
    batch_size: 64,
    lrate_decay: 0.1,
    epochs: 20,
    ca_epochs: 3,
    ca_with_logit_norm: 0.1,
    milestones: [18],
  },
  /** Has a recipe for the first task and one for the others. */
  staged: {
    backbone_type: 'vit_base_patch16_224',
    init_epoch: 20,
    init_lr: 0.001,
    init_milestones: [60, 120, 170],
    init_lr_decay: 0.1,
    init_weight_decay: 0.0005,
    epochs: 20,
    lrate: 0.001,
    lrate_decay: 0.1,
    batch_size: 128,
    weight_decay: 0.0002,
  },
} satisfies Readonly<Record<string, Keys>>

/**
 * A config as PILOT ships them, for a test that a method reads its own.
 * @param own the method's keys: they come last and win
 * @param kind whose files have more in common
 */
export const pilotConfig = (own: Keys, kind?: keyof typeof kinds): Keys => ({
  ...common,
  ...(kind ? kinds[kind] : {}),
  ...own,
})
