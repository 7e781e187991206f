import { announcePhase, network } from '@pilotjs/core'
import { featuresOf, sideBySide } from '@pilotjs/core/features'
import { straightThrough } from '@pilotjs/core/ops'
import { partList, weightsPart } from '@pilotjs/core/parts'
import type { Backbone, FeatureExtractor, LearnContext, LabeledImages, Mode } from '@pilotjs/core'
import type { NamedTensors, NamedVariables, Network, Task } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import { adapterTuning, adapters, mergedWeights, momentumMerge, requireTransformer } from '@pilotjs/peft'
import { addN, concat, div, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'

export interface MergedAdaptersSetup {
  readonly backbone: Backbone
  readonly options: {
    readonly bottleneck: number
    readonly dropout: number
    readonly momentum: number
    readonly batchSize: number
  }
  readonly rng: Rng
  /**
   * As PILOT has it: adapters that are one of several merge with the mean of those before them whenever a block is computed, all
   * blocks' at once, and keep that, in training as in looking. Otherwise the current ones merge once a step.
   */
  readonly everyBlock: boolean
}

/** Adapters that go on from task to task, a copy of them after each, and how they merge with the mean of earlier copies. */
export interface MergedAdapters {
  readonly parts: Readonly<Record<string, Part>>
  readonly current: Network
  /** Of the current adapters, while they train. */
  features(images: Tensor4D, mode: Mode): Tensor2D
  beforeStep(gradients: NamedTensors): NamedTensors
  afterStep(): void
  /** Keeps a copy of the current adapters. */
  store(): void
  /** Features of the task's images by the current adapters, class after class. The caller disposes them. */
  featuresByClass(task: Task, context: LearnContext): Promise<{ features: Tensor2D; labels: Int32Array }>
  /** Features of the task's images by the first task's adapters. */
  firstFeatures(task: Task, context: LearnContext): Promise<Tensor2D>
  /** Features of all kept adapters side by side. */
  extractor(): FeatureExtractor
}

export function mergedAdapters({ backbone, options, rng, everyBlock }: MergedAdaptersSetup): MergedAdapters {
  const { depth } = requireTransformer(backbone, 'MOS')
  const { bottleneck, dropout, momentum, batchSize } = options
  const make = () => network({ backbone, tuning: adapters({ bottleneck, dropout, rng }) })
  const current = make()
  const kept = partList(make)
  /** Sums of the current adapters at the end of each task so far: what PILOT merges with, whatever became of the copies. */
  const keepsSums = everyBlock && momentum > 0
  const sums = partList((_, start?: NamedTensors) => weightsPart(start ?? {}))

  /** The mean of the first `count` tasks' adapters. Inside `tidy`. */
  function meanOf(count: number): NamedTensors {
    const latest = keepsSums ? sums.items[count - 1]!.variables() : undefined
    return map(current.variables(), (_, name) =>
      div(latest ? latest[name]! : addN(kept.items.slice(0, count).map((net) => net.variables()[name]!)), count),
    )
  }

  const merges = (earlier: number) => momentum > 0 && earlier > 0
  function mergeInto(weights: NamedVariables, earlier: number, times: number): void {
    if (!merges(earlier)) return
    tidy(() => {
      const merged = mergedWeights(weights, meanOf(earlier), momentum, times)
      for (const [name, variable] of Object.entries(weights)) variable.assign(merged[name]!)
    })
  }

  /** Features as every block's adapters are once so many merges have been. Gradients go to the weights as they are after them. */
  function featuresWhileMerging(images: Tensor4D, weights: NamedTensors, earlier: number, mode: Mode = {}): Tensor2D {
    const mean = merges(earlier) ? meanOf(earlier) : undefined
    const seen = mean
      ? map(weights, (weight, name) => {
          const merged = momentumMerge(weight, mean[name]!, momentum, 1 + blockOf(name))
          return mode.training ? straightThrough(weight, merged) : merged
        })
      : weights
    return backbone.features(images, {
      ...(mode.training && { training: mode.training }),
      tuning: adapterTuning(seen, { dropout }, mode),
    })
  }

  const lookAt = (net: Network, earlier: number): FeatureExtractor => ({
    width: backbone.width,
    apply: (images) => featuresWhileMerging(images, net.variables(), earlier),
  })

  return {
    parts: { current, kept, ...(keepsSums && { sums }) },
    current,
    features: (images, mode) =>
      everyBlock
        ? featuresWhileMerging(images, current.variables(), kept.items.length, mode)
        : current.features(images, mode),
    beforeStep(gradients) {
      if (everyBlock) mergeInto(current.variables(), kept.items.length, depth)
      return gradients
    },
    afterStep: () => mergeInto(current.variables(), kept.items.length, 1),
    store() {
      const earlier = sums.newest?.variables()
      tidy(() => {
        if (keepsSums) sums.add(map(current.variables(), (own, name) => (earlier ? addN([own, earlier[name]!]) : own)))
        const copy = kept.add()
        copy.restore(current.variables(), undefined)
        copy.freeze()
      })
    },
    async featuresByClass(task, context) {
      announcePhase(context, 'statistics')
      // The copy that was just kept is one more than there were before the current ones.
      const earlier = kept.items.length - 1
      const found: Tensor2D[] = []
      const order: number[] = []
      try {
        for (const { images, positions } of chunksByClass(task, 3 * batchSize)) {
          order.push(...positions)
          const extractor = everyBlock ? lookAt(current, earlier) : kept.newest!.extractor
          found.push(await featuresOf(images, extractor, context))
          if (everyBlock) mergeInto(current.variables(), earlier, depth)
        }
        return { features: tidy(() => concat(found)), labels: Int32Array.from(order, (at) => task.train.labels[at]!) }
      } finally {
        found.forEach((own) => own.dispose())
      }
    },
    firstFeatures: (task, context) => featuresOf(task.train, kept.items[0]!.extractor, context),
    extractor() {
      const side = sideBySide(kept.items.map((net) => net.extractor))
      if (!everyBlock) return side
      return {
        width: side.width,
        apply: (images) =>
          concat(
            kept.items.map((net, index) => {
              const features = lookAt(net, index).apply(images)
              mergeInto(net.variables(), index, depth)
              return features
            }),
            1,
          ),
      }
    },
  }
}

const map = (tensors: NamedTensors, change: (tensor: Tensor, name: string) => Tensor): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]))

const blockOf = (name: string): number => Number(/^blocks\.(\d+)\./.exec(name)![1])

/** A task's images, class after class, so many at a time. */
function chunksByClass({ classes, train }: Task, size: number): { images: LabeledImages; positions: number[] }[] {
  return classes.flatMap((label) => {
    const own = Array.from(train.labels.keys()).filter((at) => train.labels[at] === label)
    return Array.from({ length: Math.ceil(own.length / size) }, (_, i) => {
      const positions = own.slice(i * size, (i + 1) * size)
      return { images: train.select(positions), positions }
    })
  })
}
