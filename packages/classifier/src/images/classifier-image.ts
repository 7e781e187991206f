import type { Tensor3D } from '@tensorflow/tfjs-core'

/** Pixels in rows: an `ImageData` (four bytes a pixel, of which the fourth is not looked at), or three bytes a pixel. */
export interface PixelImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

/** What a page can draw: ImageBitmap, HTMLImageElement, HTMLCanvasElement, OffscreenCanvas, HTMLVideoElement. Browsers only. */
export interface DrawableImage {
  readonly width: number
  readonly height: number
}

/**
 * An image as people have it: a path (in a browser, an address), the bytes of an image file, a Blob or File, pixels, what a page
 * can draw, or a tensor [height, width, 3], int32 of 0 … 255 or float32 of 0 … 1. Files are turned as their EXIF data say.
 */
export type ClassifierImage = string | URL | Uint8Array | ArrayBuffer | Blob | PixelImage | DrawableImage | Tensor3D
