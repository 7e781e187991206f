import type { TransformerBackbone } from '@pilotjs/core'
import { loadVitIcons, vitIconsConfig } from './load-vit-icons'

export { loadVitIcons, vitIconsConfig }

/** As programs that look for backbones by name find it. */
export default {
  name: 'vit-icons',
  description: 'ViT of 32 px, pre-trained on icons by this toolbox',
  load: (): Promise<TransformerBackbone> => loadVitIcons(),
}
