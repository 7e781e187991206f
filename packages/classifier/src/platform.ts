import type { RgbImage } from '@pilotjs/data'
import type { DrawableImage } from './images/classifier-image'

/** What a classifier asks of where it runs: Node's files, or a page's. */
export interface Platform {
  /** Starts an engine where none has been started. */
  startEngine(): Promise<unknown>
  /** An image file, upright. */
  decodeFile(place: string | URL): Promise<RgbImage>
  /** The bytes of an image file, upright. */
  decodeBytes(bytes: Uint8Array | ArrayBuffer | Blob): Promise<RgbImage>
  /** What a page shows. */
  draw(image: DrawableImage): Promise<RgbImage>
  /** A saved classifier's bytes. @param place a file, in Node also its folder */
  read(place: string | URL): Promise<Uint8Array>
  /** Writes a classifier's file: all of it, or nothing. */
  write(place: string | URL, pieces: AsyncIterable<Uint8Array>): Promise<void>
}
