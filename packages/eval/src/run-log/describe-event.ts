import type { RunEvent } from '../protocol/evaluate'
import type { TaskCost, TaskRecord } from '../protocol/record'
import { mainReading } from '../protocol/record'
import { summarize } from '../protocol/summary'
import type { LoggedEvent, LoggedKind } from './logged-event'

/**
 * A run's event as a line of its log; undefined for what only a display is interested in (how far scoring has come).
 * @param records of the tasks up to this event's, this one's included
 * @param at milliseconds since 1970
 */
export function describeEvent(event: RunEvent, records: readonly TaskRecord[], at: number): LoggedEvent | undefined {
  if (event.kind === 'task') {
    const { task, tasks, classesAfter } = event
    return { kind: 'task', at, task, tasks, classesAfter }
  }
  if (event.kind === 'scored') return describeTask(records.slice(0, event.task + 1), event.cost, at)
  if (event.kind !== 'learning') return undefined
  const { task, event: progress } = event
  if (progress.kind === 'phase') {
    const { phase, epochs, stepsPerEpoch, trainableParameters } = progress
    return { kind: 'phase', at, task, phase, epochs, stepsPerEpoch, trainableParameters }
  }
  if (progress.kind !== 'step') return undefined
  const { phase, epoch, step, loss, learningRate } = progress
  return { kind: 'step', at, task, phase, epoch, step, loss: finite(loss), learningRate: finite(learningRate) }
}

/** The last of these tasks, with the measures over all of them. */
export function describeTask(records: readonly TaskRecord[], cost: TaskCost, at: number): LoggedKind<'scored'> {
  const record = records.at(-1)!
  const { learnSeconds, scoreSeconds, tensorBytes, rssBytes } = cost
  return {
    kind: 'scored',
    at,
    task: record.task,
    classesAfter: record.classesAfter,
    testImages: record.testImages,
    metrics: metricsOf(records),
    byTask: [...mainReading(record).byTask],
    cost: { learnSeconds, scoreSeconds, tensorBytes, ...(rssBytes === undefined ? {} : { rssBytes }) },
  }
}

/** The measures over these tasks, by name; those of other readings as `MEASURE/READING`. */
export function metricsOf(records: readonly TaskRecord[]): Record<string, number | null> {
  const { readings } = summarize(records)
  const named = Object.entries(readings).flatMap(([reading, measures], place) => {
    const name = (measure: string) => (place === 0 ? measure : `${measure}/${reading}`)
    const { lastAccuracy, averageIncrementalAccuracy, forgetting, backwardTransfer, forwardTransfer } = measures
    return [
      [name('accuracy'), finite(lastAccuracy)],
      [name('averageIncrementalAccuracy'), finite(averageIncrementalAccuracy)],
      [name('forgetting'), finite(forgetting)],
      [name('backwardTransfer'), finite(backwardTransfer)],
      ...(forwardTransfer === null ? [] : [[name('forwardTransfer'), finite(forwardTransfer)] as const]),
    ] as const
  })
  return Object.fromEntries(named)
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
