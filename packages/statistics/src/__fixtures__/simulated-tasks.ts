import { createRng } from '@pilotjs/core/random'
import { tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

export interface SimulatedTask {
  /** [images, width], in random order. */
  readonly features: Tensor2D
  readonly labels: number[]
  /** Of all classes so far. */
  readonly testFeatures: Tensor2D
  readonly testLabels: number[]
}

/** Features as a frozen backbone gives them: a Gaussian cloud per class, a few images of each, class after class. */
export function simulatedTasks(options: {
  seed: number
  width: number
  tasks: number
  classesPerTask: number
  imagesPerClass: number
  /** Standard deviation within a class, beside 1 between the classes' means. */
  noise: number
}): SimulatedTask[] {
  const { width, classesPerTask, imagesPerClass, noise } = options
  const rng = createRng(options.seed)
  const means = Array.from({ length: options.tasks * classesPerTask }, () => Array.from(rng.normals(width, 0, 1)))
  const draw = (labels: readonly number[]): Tensor2D =>
    tensor2d(
      labels.map((label) => Array.from(rng.normals(width, 0, noise), (value, i) => value + means[label]![i]!)),
      [labels.length, width],
    )
  const repeat = (first: number, end: number, times: number) =>
    Array.from({ length: (end - first) * times }, (_, i) => first + (i % (end - first)))
  return Array.from({ length: options.tasks }, (_, task) => {
    const [first, end] = [task * classesPerTask, (task + 1) * classesPerTask]
    const ordered = repeat(first, end, imagesPerClass)
    const labels = Array.from(rng.permutation(ordered.length), (i) => ordered[i]!)
    const testLabels = repeat(0, end, 20)
    return { features: draw(labels), labels, testFeatures: draw(testLabels), testLabels }
  })
}
