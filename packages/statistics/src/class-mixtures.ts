import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import { add, gather, mean, mul, sqrt, square, stack, sub, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { FeatureSource } from './gaussian-batches'

/**
 * Puts the rows of a matrix into groups.
 * @param rows [count, width]
 * @returns the group of each row, 0 … groups − 1; a group may stay empty
 */
export type Partition = (rows: number[][], groups: number) => ArrayLike<number>

export interface ClassMixturesOptions {
  /** Numbers per image. */
  width: number
  /** Groups per class. */
  clusters: number
  partition: Partition
  /** Added to every variance. Default 1e-4 (PILOT). */
  regularization?: number
}

/** A class as several Gaussians of independent features: what MOS keeps in place of covariances (`multi-centroid`). */
export interface ClassMixtures extends Part {
  /**
   * Takes the groups of new classes.
   * @param features [images, width]
   */
  learn(features: Tensor2D, labels: ArrayLike<number>, classes: readonly number[]): Promise<void>
  /** Mean of every group, [groups, width]; undefined before the first class. Inside `tf.tidy`. */
  means(): Tensor2D | undefined
  /** One source per class and group of more than one image. */
  sources(): Promise<readonly FeatureSource[]>
}

export function classMixtures(options: ClassMixturesOptions): ClassMixtures {
  const { width, clusters, partition, regularization = 1e-4 } = options
  const store = variableStore()
  /** `CLASS.GROUP` of every group. */
  const groups = () =>
    Object.keys(store.all())
      .filter((name) => name.startsWith('mean.'))
      .map((name) => name.slice('mean.'.length))
  return {
    async learn(features, labels, classes) {
      const rows = await features.array()
      for (const label of classes) {
        const own = Array.from(labels).flatMap((found, row) => (found === label ? [row] : []))
        if (own.length === 0) throw new RangeError(`no image of class ${label}: a class needs one to have a mean`)
        const assigned = partition(
          own.map((row) => rows[row]!),
          Math.min(clusters, own.length),
        )
        for (let cluster = 0; cluster < clusters; cluster++) {
          const members = own.filter((_, i) => assigned[i] === cluster)
          if (members.length === 0) continue
          tidy(() => {
            const inside = gather(features, tensor1d(members, 'int32'))
            const centre = mean(inside, 0) as Tensor1D
            store.set(`mean.${label}.${cluster}`, centre)
            store.set(`variance.${label}.${cluster}`, mean(square(sub(inside, centre)), 0))
          })
        }
      }
    },
    means() {
      const centres = groups().map((group) => store.get(`mean.${group}`) as Tensor1D)
      return centres.length > 0 ? (stack(centres) as Tensor2D) : undefined
    },
    async sources() {
      const spread = await Promise.all(
        groups().map(async (group) => {
          const variances = await store.get(`variance.${group}`).data()
          return { group, wide: variances.some((variance) => variance > 0) }
        }),
      )
      return spread
        .filter(({ wide }) => wide)
        .map(({ group }) => ({
          label: Number(group.split('.')[0]),
          draw: (count, rng) =>
            tidy(() => {
              const deviations = sqrt(add(store.get(`variance.${group}`), regularization))
              const normals = tensor2d(rng.normals(count * width, 0, 1), [count, width])
              return add(mul(normals, deviations), store.get(`mean.${group}`)) as Tensor2D
            }),
        }))
    },
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
