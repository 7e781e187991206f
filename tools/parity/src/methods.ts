import aper from '@pilotjs/aper'
import type { Method } from '@pilotjs/core'
import der from '@pilotjs/der'
import ease from '@pilotjs/ease'
import finetune from '@pilotjs/finetune'
import icarl from '@pilotjs/icarl'
import l2p from '@pilotjs/l2p'
import ranpac from '@pilotjs/ranpac'
import simplecil from '@pilotjs/simplecil'

/** Every method that cases may be of. */
export const methods = [aper, der, ease, finetune, icarl, l2p, ranpac, simplecil] as unknown as readonly Method[]
