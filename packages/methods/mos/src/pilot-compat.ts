import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'

const statistics: Readonly<Record<string, string>> = { 'multi-centroid': 'centroids' }

/** How PILOT's `exps/mos.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['mos'],
  keys: {
    ...recipePilotKeys,
    reinit_optimizer: { accepts: [true], reason: 'every task gets an optimizer of its own' },
    ffn_num: 'bottleneck',
    reg: 'orthogonality',
    adapter_momentum: 'momentum',
    ensemble: 'ensemble',
    crct_epochs: 'alignEpochs',
    ca_lr: 'alignLearningRate',
    ca_storage_efficient_method: { read: (value) => ({ statistics: statistics[String(value)] ?? value }) },
    ca_storage_efficient_method_choices: { ignored: 'it only lists what the key before may be' },
    n_centroids: 'centroids',
    M: { ignored: 'PILOT’s MOS does not read it either' },
  },
  tensors(name) {
    const adapter = (list: string, block: string, rest: string) => [`backbone.${list}.${block}.${rest}`]
    const now = /^current\.blocks\.(\d+)\.adaptmlp\.(.*)$/.exec(name)
    if (now) return adapter('cur_adapter', now[1]!, now[2]!)
    const kept = /^kept\.(\d+)\.blocks\.(\d+)\.adaptmlp\.(.*)$/.exec(name)
    if (kept) return adapter(`adapter_list.${kept[1]}`, kept[2]!, kept[3]!)
    const sum = /^sums\.(\d+)\.blocks\.(\d+)\.adaptmlp\.(down|up)_proj\.(weight|bias)$/.exec(name)
    if (sum) return [`${sum[3]}_${sum[4]}_sum.${sum[2]}.${sum[1]}`]
    return [
      name
        .replace(/^head\./, 'backbone.head.')
        .replace(/^prototypes\./, 'fc.')
        .replace(/^statistics\.means$/, 'cls_mean.*')
        .replace(/^statistics\.covariances$/, 'cls_cov.*')
        .replace(/^statistics\.mean\./, 'cls_mean.')
        .replace(/^statistics\.variance\./, 'cls_cov.'),
    ]
  },
  // Without momentum nothing merges: PILOT's sums are there all the same, and the first one follows the current adapters by
  // accident.
  unkept: ['down_weight_sum', 'down_bias_sum', 'up_weight_sum', 'up_bias_sum'],
  scoringChanges: true,
  scoresByBatch: true,
}
