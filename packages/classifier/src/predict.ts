import { PilotError } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { topScores, unknownOf } from './calibration/novelty'
import { probabilitiesOf } from './calibration/temperature'
import type { NamedProbability, Prediction } from './classifier'
import type { ReadImage } from './images/read-image'
import type { Ingredients } from './state/ingredients'
import type { Knowledge } from './state/knowledge'
import { inPieces, scoresOfImages } from './state/score'

/** What is known makes of images, a few at a time: memory does not grow with their number. */
export async function predictionsOf(
  images: readonly ReadImage[],
  known: Knowledge,
  { preparation }: Ingredients,
  top = known.classes.length,
): Promise<Prediction[]> {
  const { shared, classes, calibration } = known
  if (!shared) throw new PilotError('nothing-learned', 'this classifier knows no class yet: let it learn images first')
  const predictions: Prediction[] = []
  for (const piece of inPieces(images)) {
    const read: RgbImage[] = await Promise.all(piece.map((each) => each()))
    const scores = await scoresOfImages(read, shared.learner, preparation.transforms)
    const probabilities = probabilitiesOf(scores, classes.length, calibration.temperature)
    const tops = topScores(scores, classes.length)
    for (let image = 0; image < piece.length; image++) {
      const row = probabilities.subarray(image * classes.length, (image + 1) * classes.length)
      const named = classes
        .map((name, label): NamedProbability => ({ name, probability: row[label]! }))
        .sort((a, b) => b.probability - a.probability)
      const unknown = unknownOf(tops[image]!, calibration.unknownThreshold, calibration.temperature)
      predictions.push(Object.assign(named.slice(0, top), { unknown, isUnknown: unknown > 0.5 }))
    }
  }
  return predictions
}
