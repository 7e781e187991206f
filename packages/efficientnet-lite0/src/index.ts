import type { Backbone } from '@pilotjs/core'
import { loadEfficientNetLite0 } from './load-efficientnet-lite0'

export { loadEfficientNetLite0 }

/** As programs that look for backbones by name find it. */
export default {
  name: 'efficientnet-lite0',
  description: 'EfficientNet-Lite0 of 224 px, pre-trained on the photographs of ImageNet',
  load: (): Promise<Backbone> => loadEfficientNetLite0(),
}
