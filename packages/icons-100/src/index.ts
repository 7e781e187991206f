import type { DatasetPackage } from '@pilotjs/data'
import { loadIcons100 } from './load-icons-100'

export { decodeImagePack, DOMAINS, encodeImagePack, IMAGE_BYTES, IMAGE_SIZE, quantise } from './image-pack'
export type { Domain, IconSet, ImagePack, PackedSplit } from './image-pack'
export { loadIcons100 }
export type { Icons100 } from './load-icons-100'

/** As programs that look for data sets by name find it. */
export default {
  name: 'icons-100',
  description: 'icons of 32 px: the same things in hundreds of drawings',
  classes: 100,
  load: () => loadIcons100(),
} satisfies DatasetPackage
