import type { PilotRule } from '../contracts/pilot'

const withoutMemory: PilotRule = { ignored: 'this method keeps no exemplars' }
const naming: PilotRule = { ignored: "it only names PILOT's log folder" }
const noDropout: PilotRule = { accepts: [0], reason: 'the transformer has no dropout here' }

/**
 * Keys that read alike for every method, unless the method's own mapping names them. Stream, data and backbone are read apart.
 */
export const commonKeys: Readonly<Record<string, PilotRule>> = {
  prefix: naming,
  model_postfix: naming,
  time_str: naming,
  config: naming,
  device: { ignored: 'the engine decides what computes; see the option engine' },
  num_workers: { ignored: 'the loader decides how many images are prepared ahead' },
  print_forget: { ignored: 'forgetting is always reported' },
  memory_size: withoutMemory,
  memory_per_class: withoutMemory,
  fixed_memory: withoutMemory,
  pretrained: { accepts: [true], reason: 'every method starts from the weights of its backbone' },
  drop: noDropout,
  drop_path: noDropout,
}
