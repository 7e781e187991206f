import type { Batch, Preprocessing } from '@pilotjs/core'
import type { EvaluationStream, Predictions } from '@pilotjs/eval'
import type { Mistake } from '@pilotjs/eval/node'

/** Longest side of a kept image, pixels. */
const SIDE = 96

/**
 * Up to `limit` wrongly classified test images: the first of each class, then the second of each, so that every class
 * that fails is seen.
 * @param tasks how many tasks' test images the predictions are of
 */
export async function collectMistakes(
  stream: EvaluationStream,
  tasks: number,
  { labels, readings, keys }: Predictions,
  preprocessing: Pick<Preprocessing, 'mean' | 'std'>,
  limit = 48,
): Promise<Mistake[]> {
  const predicted = Object.values(readings)[0]!
  const chosen = pickByClass(labels, predicted, limit)
  const mistakes: Mistake[] = []
  let first = 0
  for (let task = 0; task < tasks; task++) {
    const images = stream.test(task)
    const own = chosen.filter((index) => index >= first && index < first + images.length)
    const start = first
    first += images.length
    if (own.length === 0) continue
    const view = images.select(own.map((index) => index - start))
    for await (const batch of view.batches({ size: own.length, view: 'eval' })) {
      const pictures = await toPng(batch, preprocessing)
      for (const [row, image] of pictures.entries()) {
        const index = own[batch.positions[row]!]!
        mistakes.push({ key: keys[index]!, label: labels[index]!, predicted: predicted[index]!, image })
      }
      batch.dispose()
    }
  }
  return mistakes
}

/** Indices of wrong predictions, in rounds over the classes. */
export function pickByClass(labels: readonly number[], predicted: readonly number[], limit: number): number[] {
  const rounds: number[][] = []
  const met = new Map<number, number>()
  for (const [index, label] of labels.entries()) {
    if (predicted[index] === label) continue
    const round = met.get(label) ?? 0
    met.set(label, round + 1)
    ;(rounds[round] ??= []).push(index)
  }
  return rounds.flat().slice(0, limit)
}

/** The batch's images as data URLs, normalisation undone. */
async function toPng({ images }: Batch, { mean, std }: Pick<Preprocessing, 'mean' | 'std'>): Promise<string[]> {
  const { default: sharp } = await import('sharp')
  const [count, height, width] = images.shape
  const values = await images.data()
  const size = height * width * 3
  const pictures: string[] = []
  for (let row = 0; row < count; row++) {
    const pixels = new Uint8Array(size)
    for (let i = 0; i < size; i++) {
      const value = (values[row * size + i]! * std[i % 3]! + mean[i % 3]!) * 255
      pixels[i] = Math.max(0, Math.min(255, Math.round(value)))
    }
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 9 })
      .toBuffer()
    pictures.push(`data:image/png;base64,${png.toString('base64')}`)
  }
  return pictures
}
