/** A value of a PILOT config. */
type PilotValue = string | number | boolean | readonly PilotValue[]

/** What PILOT's configs set a method to. */
export interface PilotSetting {
  /** PILOT's `model_name`. */
  readonly modelName: string
  /** `vpt_type` and the like: what the name of a variant stands for. */
  readonly keys: Readonly<Record<string, PilotValue>>
  readonly seeds: readonly number[]
  /** Whether classes come in an order drawn from the seed. */
  readonly shuffle: boolean
}

const base = { seeds: [1993], shuffle: true } as const
const vpt = (type: string) => ({ ...base, modelName: 'aper_vpt', keys: { vpt_type: type, prompt_token_num: 5 } })

/** By method as the ledger names it. */
const settings: Readonly<Record<string, PilotSetting>> = {
  'aper-adapter': { ...base, modelName: 'aper_adapter', keys: {} },
  'aper-ssf': { ...base, modelName: 'aper_ssf', keys: {} },
  'aper-vpt-deep': vpt('deep'),
  'aper-vpt-shallow': vpt('shallow'),
  'aper-finetune': {
    ...base,
    modelName: 'aper_finetune',
    keys: { tuned_epoch: 6, batch_size: 128, weight_decay: 0.05 },
  },
  'coda-prompt': { modelName: 'coda_prompt', keys: {}, seeds: [0], shuffle: false },
}

/** What PILOT's `exps/*_inr.json` set otherwise than its configs for CIFAR-100, but for the split. */
const onImageNetR: Readonly<Record<string, PilotSetting['keys']>> = {
  'aper-adapter': { weight_decay: 0.005, tuned_epoch: 10, init_lr: 0.05, batch_size: 16 },
  'aper-finetune': { weight_decay: 0.005, tuned_epoch: 5, batch_size: 144 },
  'aper-vpt-deep': { init_lr: 0.05, batch_size: 24, prompt_token_num: 30 },
  'aper-vpt-shallow': { weight_decay: 0.005, init_lr: 0.03, batch_size: 24, prompt_token_num: 30 },
  'coda-prompt': { tuned_epoch: 50 },
  cofima: { epochs: 50, milestones: [40] },
  coil: { epochs: 20, fixed_memory: true, memory_size: 4000, memory_per_class: 20 },
  der: { batch_size: 64, fixed_memory: true, memory_size: 4000, memory_per_class: 20 },
  dgr: { init_lr: 0.0005, lrate: 0.0005, batch_size: 32, fixed_memory: true, memory_size: 4000, memory_per_class: 20 },
  dualprompt: { tuned_epoch: 10 },
  ease: { weight_decay: 0.005, init_lr: 0.05, later_lr: 0.05, batch_size: 16 },
  fecam: { weight_decay: 0.005, tuned_epoch: 10, init_lr: 0.05, batch_size: 16 },
  foster: { memory_size: 4000 },
  icarl: { batch_size: 32, fixed_memory: true, memory_size: 4000, memory_per_class: 20 },
  l2p: { batch_size: 32, tuned_epoch: 10 },
  lae: { tuned_epoch: 50, init_lr: 0.00046875, num_freeze_epochs: 30 },
  memo: { epochs: 10, fixed_memory: true, memory_size: 4000, memory_per_class: 20 },
  mos: { weight_decay: 0.005, tuned_epoch: 10, init_lr: 0.05, batch_size: 16 },
  ranpac: { weight_decay: 0.005, tuned_epoch: 10, init_lr: 0.05, batch_size: 16 },
  slca: { epochs: 5, milestones: [40] },
}

/** How PILOT's shipped configs run a method on a data set; for data without a config of its own, as on CIFAR-100. */
export function pilotSetting(method: string, data: string): PilotSetting {
  const { keys, ...setting } = settings[method] ?? { ...base, modelName: method, keys: {} }
  return { ...setting, keys: { ...keys, ...(data === 'imagenetr' ? onImageNetR[method] : {}) } }
}
