import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { JsonValue, PilotMapping } from '@pilotjs/core'

/** How PILOT's keys for `firstTaskOptions` read. `backbone_type` and `vpt_type` together tell which tuning it is. */
export const firstTaskPilotKeys: PilotMapping['keys'] = {
  ...recipePilotKeys,
  ffn_num: 'bottleneck',
  prompt_token_num: 'promptLength',
  // PILOT's "adam" of these methods is torch's AdamW.
  optimizer: { read: (value) => ({ optimizer: value === 'adam' ? 'adamw' : value }) },
  vpt_type: { read: (_, config) => ({ tuning: tuningOf(config) }) },
  backbone_type: { read: (_, config) => ({ tuning: tuningOf(config) }) },
}

/** Which tuning a PILOT config asks for: the ending of its `model_name`, else of its `backbone_type`, and for VPT `vpt_type`. */
function tuningOf(config: Readonly<Record<string, JsonValue>>): string {
  const ending = (key: string) => /_(adapter|ssf|vpt|finetune|bn)$/.exec(String(config[key]))?.[1]
  const kind = ending('model_name') ?? ending('backbone_type') ?? 'finetune'
  if (kind === 'bn') return 'batchnorm'
  if (kind !== 'vpt') return kind
  return String(config.vpt_type).toLowerCase() === 'shallow' ? 'vpt-shallow' : 'vpt-deep'
}
