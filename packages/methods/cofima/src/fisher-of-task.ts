import { crossEntropy } from '@pilotjs/core/ops'
import { parameterCount } from '@pilotjs/core/parameters'
import { joinVariables, trainableOf } from '@pilotjs/core/parts'
import { epochBatches } from '@pilotjs/core/training'
import type { Batch, LearnContext, Network, Task } from '@pilotjs/core'
import type { TaskHeads } from '@pilotjs/core/heads'
import type { Part } from '@pilotjs/core/parts'
import { diagonalFisher } from '@pilotjs/statistics'
import { dispose, minimum, square, tidy } from '@tensorflow/tfjs-core'

/** No entry of the information is larger: PILOT's, and that of the authors' code. */
const maximum = 1e-4

export interface FisherOfTask {
  readonly net: Network
  /** Heads of all tasks, this one's last. */
  readonly heads: TaskHeads
  readonly task: Task
  readonly context: LearnContext
  readonly options: { readonly batchSize: number }
  /**
   * As PILOT computes it: only the backbone and the newest head are looked at. What an older head has is its left-over gradient
   * squared, which stands in here; the newest head's last gradient is added.
   */
  readonly stale: Part | undefined
  /** Takes the information by `net.NAME` and `heads.TASK.NAME`. */
  readonly into: Part
}

/** How much each weight matters to a task: the Fisher information of all classes' scores for the task's images. */
export async function fisherOfTask({ net, heads, task, context, options, stale, into }: FisherOfTask): Promise<void> {
  const all = joinVariables({ net, heads }, trainableOf)
  const newest = `heads.${task.index}.`
  const parameters = stale
    ? Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('net.') || name.startsWith(newest)))
    : all
  const { stepsPerEpoch, batches } = epochBatches(task.train, {
    size: options.batchSize,
    shuffle: context.rng.fork('fisher'),
  })
  const phase = { phase: 'fisher', epochs: 1, stepsPerEpoch }
  context.report({ kind: 'phase', ...phase, trainableParameters: parameterCount(parameters) })
  const information = await diagonalFisher<Batch>({
    parameters,
    batches: batches(0),
    maximum,
    signal: context.signal,
    loss: ({ images, labels }) => crossEntropy(heads.apply(net.features(images)), labels),
    observe(gradients, step) {
      if (!stale || !isLast({ epoch: 0, epochs: 1, step, stepsPerEpoch })) return
      const own = Object.entries(gradients).filter(([name]) => name.startsWith(newest))
      stale.restore({ ...stale.variables(), ...Object.fromEntries(own) }, undefined)
    },
    onLoss: (loss, step) => context.report({ kind: 'step', ...phase, epoch: 0, step, loss, learningRate: 0 }),
  })
  tidy(() => {
    const older = Object.entries(stale?.variables() ?? {}).filter(([name]) => !name.startsWith(newest))
    const leftOver = older.map(([name, gradient]) => [name, minimum(square(gradient), maximum)])
    into.restore({ ...Object.fromEntries(leftOver), ...information }, undefined)
  })
  dispose(Object.values(information))
}

/** Whether no step comes after this one. */
export const isLast = (at: { epoch: number; epochs: number; step: number; stepsPerEpoch: number }): boolean =>
  at.epoch === at.epochs - 1 && at.step === at.stepsPerEpoch - 1
