import type { PilotConfig } from './job'

/** How much smaller than PILOT's experiments one is; what is left out stays as PILOT has it. */
export interface Scale {
  /** Classes of every task. */
  readonly increment?: number
  /** No phase of training takes more epochs. */
  readonly epochs?: number
  /** No batch is larger: few images would otherwise be few steps. */
  readonly batchSize?: number
  /** Exemplars of all classes together, and of each class where their number is fixed. */
  readonly memory?: number
  readonly memoryPerClass?: number
}

/** PILOT's keys for epochs of one phase or other. */
const epochKeys = [
  'tuned_epoch',
  'init_epoch',
  'init_epochs',
  'epochs',
  'later_epochs',
  'boosting_epochs',
  'compression_epochs',
  'ca_epochs',
  'crct_epochs',
  'epc_re',
]

/** A config at a scale; what it does not have is not added. */
export function scaledConfig(config: PilotConfig, scale: Scale): PilotConfig {
  const scaled: Record<string, PilotConfig[string]> = { ...config }
  const cap = (key: string, most = Infinity) => {
    const value = scaled[key]
    if (typeof value === 'number') scaled[key] = Math.min(value, most)
  }
  const { increment, epochs, batchSize, memory, memoryPerClass } = scale
  for (const key of epochKeys) cap(key, epochs)
  // LAE freezes its modules for the first epochs of a task: they are to learn in some.
  cap('num_freeze_epochs', epochs && Math.floor(epochs / 2))
  cap('batch_size', batchSize)
  cap('memory_size', memory)
  cap('memory_per_class', memoryPerClass)
  return increment === undefined ? scaled : { ...scaled, init_cls: increment, increment }
}
