import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadClassifier } from '@pilotjs/classifier'
import type { Prediction } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import type { Terminal } from '../terminal/terminal'
import { findersOf } from './classifier'

/** What a classifier makes of an image: scores are probabilities. */
export type ClassifierPrediction = Prediction & { readonly unknown?: number; readonly isUnknown?: boolean }

/** Where a path names a classifier's file, or the folder of one: that file. */
export function classifierFile(path: string, cwd: string): string | undefined {
  const place = resolve(cwd, path)
  if (path.endsWith('.safetensors')) return place
  const inside = join(place, 'classifier.safetensors')
  return existsSync(inside) ? inside : undefined
}

/** Classes that a prediction names. */
const TOP = 5

/** One entry an image; one that cannot be read does not keep the others from being named. */
export async function predictByClassifier(
  file: string,
  images: readonly string[],
  { backbone }: { readonly backbone?: string },
  { cwd, signal }: Terminal,
): Promise<ClassifierPrediction[]> {
  const classifier = await loadClassifier(file, findersOf(registryOf(cwd), cwd, backbone))
  try {
    const predictions: ClassifierPrediction[] = []
    for (const image of images) {
      signal.throwIfAborted()
      predictions.push(
        await classifier.predict(resolve(cwd, image), { top: TOP }).then(
          (prediction) => ({
            image,
            top: prediction.map(({ name, probability }) => ({ class: name, score: probability })),
            unknown: prediction.unknown,
            isUnknown: prediction.isUnknown,
          }),
          (error: Error) => ({ image, error: error.message }),
        ),
      )
    }
    return predictions
  } finally {
    classifier.dispose()
  }
}
