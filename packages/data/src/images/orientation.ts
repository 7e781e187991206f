/**
 * How an image comes out that says how it is to be turned (EXIF): as its pixels are stored, which is torchvision's way and what
 * benchmarks' published figures were made with, or upright, as viewers show it and whoever took it meant it.
 */
export type Orientation = 'as-stored' | 'upright'
