/**
 * Keys that PILOT's and its predecessors' configs have for one method or another. PILOT reads a config with `args["key"]` and
 * never looks at what a method has no use for, so that its configs carry keys of others along: these change nothing, where
 * anything else is a slip.
 */
export const pilotKeys: ReadonlySet<string> = new Set([
  ...[
    'tuned_epoch',
    'epochs',
    'init_epoch',
    'init_epochs',
    'later_epochs',
    'body_epochs',
    'batch_size',
    'lr',
    'init_lr',
  ],
  ...['later_lr', 'lrate', 'lrate_decay', 'init_lr_decay', 'weight_decay', 'init_weight_decay', 'milestones', 'min_lr'],
  ...[
    'init_milestones',
    'optimizer',
    'scheduler',
    'warmup_epochs',
    'clip_grad',
    'reinit_optimizer',
    'opt',
    't_max',
    'T',
  ],
  ...['ffn_num', 'ffn_adapter_type', 'vpt_type', 'prompt_token_num', 'pretrained', 'drop', 'drop_path', 'global_pool'],
  ...['head_type', 'initializer', 'prompt_pool', 'size', 'length', 'top_k', 'prompt_key', 'prompt_key_init', 'freeze'],
  ...[
    'use_prompt_mask',
    'shared_prompt_pool',
    'shared_prompt_key',
    'batchwise_prompt',
    'embedding_key',
    'predefined_key',
  ],
  ...[
    'pull_constraint',
    'pull_constraint_coeff',
    'get_original_backbone',
    'use_old_data',
    'use_reweight',
    'use_diagonal',
  ],
  ...[
    'recalc_sim',
    'use_init_ptm',
    'use_simplecil',
    'moni_adam',
    'use_RP',
    'M',
    'num_workers',
    'model_postfix',
    'debug',
  ],
])
