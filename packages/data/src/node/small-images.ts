import type { ImageSource } from '../dataset/dataset'
import type { RgbImage } from '../images/rgb-image'

/** Pixels of at most so many bytes are kept: 64 × 64 in colour. To open and decode a file takes many times what transforms take. */
export const smallBytes = 64 * 64 * 3
/** All of them together: some twenty thousand images of 32 × 32. */
const mostBytes = 64 * 2 ** 20

/** Small images of files, decoded: every epoch and every evaluation asks for them again. */
export interface SmallImages {
  /** The source without files, where this image is kept; undefined where it is not. */
  holding(source: ImageSource, index: number): ImageSource | undefined
  /** Bytes that an image of a source may have to be kept: 0 where there is no room. */
  readonly room: number
  /** Keeps an image for as long as the loader lives; what does not fit is left out, as those that are there come as often. */
  keep(source: ImageSource, index: number, image: RgbImage): void
}

export function smallImages(): SmallImages {
  const images = new Map<string, RgbImage>()
  let bytes = 0
  const nameOf = (source: ImageSource, index: number) =>
    source.file && `${source.orientation ?? 'as-stored'} ${source.file(index)}`
  const room = () => (mostBytes - bytes < smallBytes ? 0 : smallBytes)
  return {
    holding(source, index) {
      const name = nameOf(source, index)
      const image = name === undefined ? undefined : images.get(name)
      return image && { ...source, file: undefined, key: (at) => source.key(at), read: () => image }
    },
    get room() {
      return room()
    },
    keep(source, index, image) {
      const name = nameOf(source, index)
      if (name === undefined || images.has(name) || image.data.length > room()) return
      images.set(name, image)
      bytes += image.data.length
    },
  }
}
