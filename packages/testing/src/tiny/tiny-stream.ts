import type { Batch, LabeledImages, Task } from '@pilotjs/core'
import { createRng } from '@pilotjs/core/random'
import { tensor1d, tensor4d } from '@tensorflow/tfjs-core'

const SIDE = 4
const PIXELS = SIDE * SIDE * 3

interface Sample {
  readonly key: string
  readonly label: number
  readonly pixels: Float32Array
}

/** Images in an array: a blob of its own colour pattern per class, with noise. */
export function tinyImages(samples: readonly Sample[]): LabeledImages {
  return {
    length: samples.length,
    labels: Int32Array.from(samples, ({ label }) => label),
    key: (position) => samples[position]!.key,
    select: (positions) => tinyImages(Array.from(positions, (position) => samples[position]!)),
    concat: (other) => tinyImages([...samples, ...Array.from({ length: other.length }, (_, i) => sampleOf(other, i))]),
    async *batches({ size, shuffle, dropLast = false }): AsyncGenerator<Batch> {
      const order = shuffle ? shuffle.permutation(samples.length) : Int32Array.from(samples.keys())
      for (let at = 0; at < order.length; at += size) {
        const positions = order.subarray(at, at + size)
        if (dropLast && positions.length < size) return
        const chosen = Array.from(positions, (position) => samples[position]!)
        const values = new Float32Array(chosen.length * PIXELS)
        chosen.forEach(({ pixels }, row) => values.set(pixels, row * PIXELS))
        const images = tensor4d(values, [chosen.length, SIDE, SIDE, 3])
        const labels = tensor1d(
          chosen.map(({ label }) => label),
          'int32',
        )
        yield {
          images,
          labels,
          positions,
          dispose() {
            images.dispose()
            labels.dispose()
          },
        }
      }
    },
  }
}

const kept = new Map<string, Sample>()
const sampleOf = (images: LabeledImages, position: number): Sample => kept.get(images.key(position))!

export interface TinyStreamOptions<Scenario extends string> {
  readonly tasks?: number
  readonly classesPerTask?: number
  readonly perClass?: number
  /** Default `class-incremental`. Tasks of `domain-incremental` have all classes; others tell by the name only. */
  readonly scenario?: Scenario
}

/** What a protocol asks of a stream. */
export interface TinyStream<Scenario extends string> {
  readonly scenario: Scenario
  readonly tasks: readonly Task[]
  readonly plan: { readonly totalClasses: number; readonly baseClasses: number; readonly increment: number }
  readonly classNames: readonly string[]
  test(task: number): LabeledImages
  recall(keys: readonly string[], labels: ArrayLike<number>): LabeledImages
}

/** Tasks of a few classes each (or, domain-incremental, all classes in every task), drawn from a fixed seed. */
export function tinyStream<Scenario extends string = 'class-incremental'>({
  tasks = 3,
  classesPerTask = 2,
  perClass = 6,
  scenario = 'class-incremental' as Scenario,
}: TinyStreamOptions<Scenario> = {}): TinyStream<Scenario> {
  const domains = scenario === 'domain-incremental'
  const classes = domains ? classesPerTask : tasks * classesPerTask
  const patterns = Array.from({ length: classes }, (_, c) => createRng(7).fork('pattern', c).normals(PIXELS, 0, 1))
  const draw = (split: string, task: number, labels: readonly number[]) => {
    const samples = labels.flatMap((label) =>
      Array.from({ length: perClass }, (_, index) => {
        const key = `${split}/${task}/${label}/${index}`
        const noise = createRng(7)
          .fork(key)
          .normals(PIXELS, domains ? task * 0.3 : 0, 1.2)
        const sample = { key, label, pixels: patterns[label]!.map((value, i) => value + noise[i]!) }
        kept.set(key, sample)
        return sample
      }),
    )
    return tinyImages(samples)
  }
  const taskList = Array.from({ length: tasks }, (_, index): Task => {
    const first = domains ? 0 : index * classesPerTask
    const own = Array.from({ length: classesPerTask }, (_, c) => first + c)
    return {
      index,
      classes: own,
      classesBefore: domains && index > 0 ? classes : first,
      classesAfter: first + classesPerTask,
      train: draw('train', index, own),
    }
  })
  const tests = taskList.map(({ index, classes: own }) => draw('test', index, own))
  return {
    scenario,
    tasks: taskList,
    plan: { totalClasses: classes, baseClasses: classesPerTask, increment: domains ? 0 : classesPerTask },
    classNames: Array.from({ length: classes }, (_, c) => `class ${c}`),
    test: (task) => tests[task]!,
    recall: (keys, labels) => tinyImages(keys.map((key, i) => ({ ...kept.get(key)!, label: labels[i]! }))),
  }
}
