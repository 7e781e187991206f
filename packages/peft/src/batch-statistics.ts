import { PilotError } from '@pilotjs/core'
import type { Backbone, LearnContext, NamedTensors, Network, Task } from '@pilotjs/core'
import { batchNormMomentum } from '@pilotjs/core/backbones'
import { parameterCount } from '@pilotjs/core/parameters'
import { epochBatches, flushEngine } from '@pilotjs/core/training'
import { div, tidy, zerosLike } from '@tensorflow/tfjs-core'

/** Running means and variances of a backbone's batch norms. @throws PilotError `needs-batch-norm` */
export function batchStatisticsOf(backbone: Backbone): NamedTensors {
  const found = Object.entries(backbone.parameters).filter(([name]) => /\.running_(mean|var)$/.test(name))
  if (found.length > 0) return Object.fromEntries(found)
  throw new PilotError(
    'needs-batch-norm',
    `tuning batchnorm takes the statistics of batch norms anew, but ${backbone.name} (${backbone.architecture}) has none: choose a ` +
      'residual network, such as resnet18.tv_in1k, or another tuning',
    { option: 'tuning', backbone: backbone.name },
  )
}

/** A network whose own weights are `batchStatisticsOf` its backbone, and what it is to see. */
export interface StatisticsTask {
  readonly net: Network
  readonly task: Task
  readonly options: { readonly epochs: number; readonly batchSize: number }
  readonly context: LearnContext
}

/**
 * Takes the statistics of all batch norms anew from a task's images, with nothing trained: forward passes as in training move
 * them from zero, and what is still missing to a full average, momentum to the power of the number of batches, is divided out
 * (RevisitingCIL's `aper_bn` leaves that out, which only tells where batches are few; Zhou et al., IJCV 2024).
 */
export async function takeBatchStatistics({ net, task, options, context }: StatisticsTask): Promise<void> {
  const { epochs, batchSize } = options
  const own = net.variables()
  const { stepsPerEpoch, batches } = epochBatches(task.train, { size: batchSize, shuffle: context.rng })
  const phase = { phase: 'statistics', epochs, stepsPerEpoch, trainableParameters: parameterCount(own) }
  context.report({ kind: 'phase', ...phase })
  if (epochs === 0) return
  tidy(() => Object.values(own).forEach((statistic) => statistic.assign(zerosLike(statistic))))
  const training = context.rng.fork('dropout')
  const total = epochs * stepsPerEpoch
  let done = 0
  for (let epoch = 0; epoch < epochs; epoch++)
    for await (const batch of batches(epoch)) {
      try {
        context.signal.throwIfAborted()
        tidy(() => void net.features(batch.images, { training }))
        flushEngine()
      } finally {
        batch.dispose()
      }
      context.report({ kind: 'features', done: ++done, total })
    }
  const share = 1 - (1 - batchNormMomentum) ** done
  tidy(() => Object.values(own).forEach((statistic) => statistic.assign(div(statistic, share))))
}
