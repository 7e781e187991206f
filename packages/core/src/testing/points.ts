import { arrayImages } from '../images/array-images'
import type { LabeledImages } from '../contracts/images'
import type { LearnContext } from '../contracts/learner'
import type { ProgressEvent } from '../contracts/progress'
import { memoryFeatureCache } from '../features/feature-cache'
import { createRng } from '../random/rng'

/** Images of one pixel whose first channel tells the class. */
export function points(labels: number[], name = 'point'): LabeledImages {
  const noise = createRng(4).normals(labels.length * 3, 0, 0.1)
  return arrayImages({
    labels,
    name,
    size: [1, 1],
    values: noise.map((x, i) => x + (i % 3 === 0 ? labels[i / 3]! : 0)),
  })
}

/** A context that collects what is reported. */
export function recordingContext(changes: Partial<LearnContext> = {}): LearnContext & { events: ProgressEvent[] } {
  const events: ProgressEvent[] = []
  return {
    events,
    rng: createRng(1),
    signal: new AbortController().signal,
    features: memoryFeatureCache(),
    report: (event) => events.push(event),
    recall: () => points([]),
    ...changes,
  }
}
