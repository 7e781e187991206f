import type { Dataset, ImageSource } from '../dataset/dataset'
import { DataError } from '../errors/data-error'
import { StreamOptionError } from '../errors/stream-option-error'
import type { ImageSupply } from '../views/labeled-images'
import { defineStream } from './stream'
import type { Stream } from './stream'

export interface DomainIncrementalOptions extends Omit<ImageSupply, 'seed'> {
  /** Names of domains in the order they come; those left out are not learned. Default all, in the dataset's order. */
  readonly domains?: readonly string[]
  /** Of the augmentation. Default 1993. */
  readonly seed?: number
}

/**
 * Domain-incremental learning: every task brings the same classes from another domain. Labels follow the dataset's class order;
 * classes that only a later domain has come after those of the earlier ones. `plan.increment` is 0 where no task brings new
 * classes.
 * @throws StreamOptionError when the dataset names no such domains; DataError when a domain has no images
 */
export function domainIncremental(dataset: Dataset, options: DomainIncrementalOptions): Stream {
  const { domains: all, train, test } = dataset
  if (!all || !train.domains || !test.domains) {
    throw new StreamOptionError(
      'scenario',
      'domain-incremental',
      `Dataset '${dataset.name}' doesn't tell its images' domains: it has none to go through task by task`,
    )
  }
  const order = (options.domains ?? all).map((name) => {
    const domain = all.indexOf(name)
    if (domain < 0) {
      throw new StreamOptionError(
        'domains',
        name,
        `Dataset '${dataset.name}' has no domain '${name}'; it has ${all.join(', ')}`,
      )
    }
    return domain
  })
  if (new Set(order).size !== order.length)
    throw new StreamOptionError(
      'domains',
      options.domains,
      `domains: one stands twice in ${options.domains?.join(', ')}`,
    )

  const classOrder = [
    ...new Set(
      order.flatMap((domain) =>
        [...new Set(indicesOf(train, domain).map((index) => train.labels[index]!))].sort((a, b) => a - b),
      ),
    ),
  ]
  const tasks = order.map((domain) => ({ train: indicesOf(train, domain), test: indicesOf(test, domain) }))
  tasks.forEach((task, i) => {
    const short = task.train.length === 0 ? 'training' : task.test.length === 0 ? 'test' : undefined
    if (!short) return
    const subject = all[order[i]!]!
    throw new DataError(
      'class-without-images',
      `Dataset '${dataset.name}': domain '${subject}' has no ${short} images.`,
      {
        subject,
        remedy: 'Leave the domain out, or add some.',
      },
    )
  })
  return defineStream({
    ...options,
    seed: options.seed ?? 1993,
    dataset,
    scenario: 'domain-incremental',
    classOrder,
    tasks,
  })
}

function indicesOf({ domains }: ImageSource, domain: number): number[] {
  const indices: number[] = []
  domains!.forEach((value, index) => {
    if (value === domain) indices.push(index)
  })
  return indices
}
