import type { ImageSource } from './dataset'

/** Some images of a source, in the order given; nothing is copied. Keys stay as they were. */
export function subset(source: ImageSource, indices: ArrayLike<number>): ImageSource {
  const kept = Int32Array.from(indices)
  const at = (index: number) => {
    const original = kept[index]
    if (original === undefined) throw new RangeError(`no image ${index}, there are ${kept.length}`)
    return original
  }
  const { domains } = source
  return {
    length: kept.length,
    labels: kept.map((index) => source.labels[index]!),
    domains: domains && kept.map((index) => domains[index]!),
    key: (index) => source.key(at(index)),
    read: (index) => source.read(at(index)),
    file: source.file && ((index) => source.file!(at(index))),
    orientation: source.orientation,
    fingerprint: source.fingerprint && ((index) => source.fingerprint!(at(index))),
  }
}
