import { readArrays } from './recorded-arrays'
import type { RecordedImages } from './recorded-images'

/** The images that recorded cases share. */
export interface CaseData {
  readonly train: RecordedImages
  readonly test: RecordedImages
  readonly totalClasses: number
}

export async function readData(file: string): Promise<CaseData> {
  const arrays = await readArrays(file)
  const images = (split: 'train' | 'test'): RecordedImages => {
    const pixels = arrays[`${split}_x`]
    const labels = arrays[`${split}_y`]
    if (pixels?.shape.length !== 4 || !labels)
      throw new Error(`${file}: ${split}_x [images, 3, height, width] and ${split}_y are missing`)
    return {
      split,
      pixels: pixels.values as Float32Array,
      shape: pixels.shape as unknown as RecordedImages['shape'],
      labels: Int32Array.from(labels.values),
    }
  }
  const [train, test] = [images('train'), images('test')]
  return { train, test, totalClasses: 1 + train.labels.reduce((most, label) => Math.max(most, label), 0) }
}

/** Rows whose label is wanted. */
export const rowsWhere = (labels: Int32Array, wanted: (label: number) => boolean): number[] =>
  Array.from(labels.keys()).filter((row) => wanted(labels[row]!))
