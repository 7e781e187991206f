export { decodeImagePack, DOMAINS, encodeImagePack, IMAGE_BYTES, IMAGE_SIZE, quantise } from './image-pack'
export type { Domain, IconSet, ImagePack, PackedSplit } from './image-pack'
export { loadIcons100 } from './load-icons-100'
export type { Icons100 } from './load-icons-100'
