import { createRng } from '@pilotjs/core/random'
import type { Rng } from '@pilotjs/core/random'
import type { Dataset } from '../dataset/dataset'
import { assertInteger, assertShare } from '../errors/assert-option'
import { StreamOptionError } from '../errors/stream-option-error'
import type { ImageSupply } from '../views/labeled-images'
import { classOrderOf } from './class-order'
import type { ClassOrderOptions } from './class-order'
import { indicesByClass } from './indices-by-class'
import type { Stream } from './stream'
import { streamOfParts } from './stream-of-parts'

export interface GeneralisedOptions extends Omit<ImageSupply, 'seed'>, ClassOrderOptions {
  /** Default 5. */
  readonly tasks?: number
  /** Part of the classes that belong to one task alone (Si-Blurry's N); the others are blurry. Default 0.5. */
  readonly disjointShare?: number
  /** Part of the blurry classes' images that are mixed between the tasks (Si-Blurry's M). Default 0.1. */
  readonly blurryShare?: number
  /** Tasks of random sizes and blurriness (Si-Blurry) or of even ones (i-Blurry). Default true. */
  readonly stochastic?: boolean
}

/**
 * Generalised class-incremental learning: tasks of uneven size in which classes come back, in uneven amounts. Some classes are
 * disjoint, they have all their images in one task. The others are blurry: of the images of a task's blurry classes a share goes
 * into a pot, which is shuffled and dealt out again, to every task as many as it gave. With `stochastic`, classes are dealt to
 * tasks by random cuts (each task gets at least one), and a task's share is drawn uniformly between 0 and twice `blurryShare`.
 * Every training image comes exactly once.
 *
 * Si-Blurry: Moon, Park, Kim, Park, "Online Class Incremental Learning on Stochastic Blurry Task Boundary via Mask and Visual
 * Prompt Tuning", ICCV 2023; i-Blurry: Koh, Kim, Ha, Choi, "Online Continual Learning on Class Incremental Blurry Task
 * Configuration with Anytime Inference", ICLR 2022.
 * @throws StreamOptionError when there are fewer classes than tasks
 */
export function generalised(dataset: Dataset, options: GeneralisedOptions): Stream {
  const { tasks = 5, disjointShare = 0.5, blurryShare = 0.1, stochastic = true, seed = 1993 } = options
  assertInteger('tasks', tasks, 1, 'number of tasks')
  assertShare('disjointShare', disjointShare, 'part of the classes that belong to one task')
  assertShare('blurryShare', blurryShare, "part of the blurry classes' images that are mixed")
  const rng = createRng(seed).fork('generalised')
  const order = classOrderOf(dataset, options)
  const disjointCount = Math.round(order.length * disjointShare)
  const groups = [order.slice(0, disjointCount), order.slice(disjointCount)]
  const [disjoint, blurry] = groups.map((classes) => deal(classes, tasks, stochastic, rng)) as [number[][], number[][]]
  const short = disjoint.findIndex((own, task) => own.length + blurry[task]!.length === 0)
  if (short >= 0) {
    const counts = groups.map(({ length }) => length)
    const message = `tasks is ${tasks}: ${counts.join(' disjoint and ')} blurry classes leave some empty; choose at most `
    throw new StreamOptionError('tasks', tasks, `${message}${Math.max(...counts)}`)
  }
  const images = indicesByClass(dataset, 'train', order)
  const ownOf = (classes: readonly number[]) => classes.flatMap((raw) => images[raw]!)
  const mixed = mix(
    blurry.map((classes) => shuffled(ownOf(classes), rng)),
    () => Math.min(1, stochastic ? 2 * blurryShare * rng.uniform() : blurryShare),
    rng,
  )
  const parts = mixed.map((part, task) => shuffled([...ownOf(disjoint[task]!), ...part], rng))
  return streamOfParts(dataset, 'generalised', parts, { ...options, seed })
}

/** Items in their order, dealt to so many tasks: evenly, or by random cuts that leave none empty where there are enough. */
function deal<T>(items: readonly T[], tasks: number, stochastic: boolean, rng: Rng): T[][] {
  const cuts = Array.from({ length: tasks - 1 }, (_, i) => Math.round(((i + 1) * items.length) / tasks))
  if (stochastic) {
    const places =
      items.length >= tasks
        ? Array.from(rng.permutation(items.length - 1).subarray(0, tasks - 1), (place) => place + 1)
        : cuts.map(() => rng.int(items.length + 1))
    cuts.splice(0, cuts.length, ...places.sort((a, b) => a - b))
  }
  return [0, ...cuts].map((start, task) => items.slice(start, cuts[task] ?? items.length))
}

/** Takes a share of every part, shuffles what was taken, and gives each part back as many as were taken of it. */
function mix(parts: readonly number[][], share: () => number, rng: Rng): number[][] {
  const given = parts.map((part) => part.slice(0, Math.round(part.length * share())))
  const pot = shuffled(given.flat(), rng)
  let next = 0
  return parts.map((part, task) => {
    const { length } = given[task]!
    next += length
    return [...part.slice(length), ...pot.slice(next - length, next)]
  })
}

const shuffled = (values: readonly number[], rng: Rng): number[] =>
  Array.from(rng.permutation(values.length), (place) => values[place]!)
