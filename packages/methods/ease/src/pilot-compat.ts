import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'

/** How PILOT's `exps/ease.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['ease'],
  keys: {
    ...recipePilotKeys,
    init_epochs: 'epochs',
    later_epochs: 'laterEpochs',
    later_lr: 'laterLearningRate',
    ffn_num: 'bottleneck',
    alpha: 'alpha',
    beta: 'beta',
    use_init_ptm: { read: (value, { moni_adam: few }) => ({ usePretrained: value === true || few === true }) },
    use_reweight: 'reweight',
    recalc_sim: 'everyLaterSubspace',
    use_diagonal: 'onlyOwnSubspace',
    use_old_data: 'useOldData',
    moni_adam: { read: (value, { adapter_num: limit }) => ({ adapterLimit: value === true ? (limit ?? 1) : null }) },
    adapter_num: { ignored: 'counts only with moni_adam, which reads it' },
    vpt_type: { ignored: 'EASE has no prompts' },
    prompt_token_num: { ignored: 'EASE has no prompts' },
  },
  /** PILOT calls the newest adapters `cur_adapter` and numbers the earlier ones. */
  tensors(name, all) {
    const [, index, block, rest] = /^nets\.(\d+)\.blocks\.(\d+)\.adaptmlp\.(.*)$/.exec(name) ?? []
    if (index === undefined) return [name.replace(/^proxy\./, 'proxy_fc.').replace(/^head\./, 'fc.')]
    const newest = Math.max(...all.map((other) => Number(/^nets\.(\d+)\./.exec(other)?.[1] ?? 0)))
    const list = Number(index) === newest ? 'cur_adapter' : `adapter_list.${index}`
    return [`backbone.${list}.${block}.${rest}`]
  },
}
