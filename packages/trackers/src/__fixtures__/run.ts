import type { LoggedEvent } from '@pilotjs/eval'

/** A run of one task and two steps, the second of which diverged. */
export const run: readonly LoggedEvent[] = [
  {
    kind: 'begun',
    at: 1500,
    format: 1,
    id: '0f-1',
    name: 'means-1',
    config: { method: 'means', options: { scale: 2, fail: null, list: [1, 2] } },
    tasks: 1,
    classes: 2,
  },
  { kind: 'task', at: 1600, task: 0, tasks: 1, classesAfter: 2 },
  { kind: 'step', at: 1700, task: 0, phase: 'train', epoch: 0, step: 0, loss: 0.5, learningRate: 0.1 },
  { kind: 'step', at: 1800, task: 0, phase: 'train', epoch: 0, step: 1, loss: null, learningRate: 0.1 },
  {
    kind: 'scored',
    at: 1900,
    task: 0,
    classesAfter: 2,
    testImages: 4,
    metrics: { accuracy: 75, forgetting: 0 },
    byTask: [75],
    cost: { learnSeconds: 1 },
  },
  { kind: 'finished', at: 2000, metrics: { accuracy: 75 } },
]
