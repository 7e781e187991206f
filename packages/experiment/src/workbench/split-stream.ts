import type { Dataset, ImageLoader, Stream, Transforms } from '@pilotjs/data'
import { classIncremental, domainIncremental, fewShot, generalised, online, taskIncremental } from '@pilotjs/data'
import type { RunConfig } from '../run-directory/run-config'

/** What every splitter takes. */
interface Supply {
  readonly transforms: Transforms
  readonly loader: ImageLoader
  readonly seed: number
}

/**
 * The stream of tasks that a run's config asks for.
 * @throws data's StreamOptionError for settings that do not fit the dataset
 */
export function splitStream({ stream }: Pick<RunConfig, 'stream'>, data: Dataset, supply: Supply): Stream {
  const { scenario, baseClasses, increment, shuffle, domains, shots, batchSize, evaluateEvery } = stream
  const classes = { ...supply, shuffle, increment, ...(baseClasses === 0 ? {} : { baseClasses }) }
  switch (scenario) {
    case 'class-incremental':
      return classIncremental(data, classes)
    case 'task-incremental':
      return taskIncremental(data, classes)
    case 'domain-incremental':
      return domainIncremental(data, { ...supply, domains })
    case 'few-shot':
      return fewShot(data, { ...classes, baseClasses: baseClasses || increment, shots })
    case 'online':
      return online(data, { ...classes, batchSize, evaluateEvery })
    case 'generalised': {
      const { tasks, disjointShare, blurryShare, stochastic } = stream
      return generalised(data, { ...supply, shuffle, tasks, disjointShare, blurryShare, stochastic })
    }
  }
}
