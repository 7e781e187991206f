import { l2Normalize } from '@pilotjs/core/ops'
import { concat, fill, matMul, mul, slice, softmax, split, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Prototypes of all classes in all subspaces, and how to cut them up. */
export interface SubspaceTable {
  /** [classes, subspaces · width] */
  readonly prototypes: Tensor2D
  /** How many classes each task brought. */
  readonly taskSizes: readonly number[]
  /** Numbers per subspace. */
  readonly width: number
  /** Subspaces that belong to no task and stand first: 1 where the pre-trained network is one. */
  readonly offset: number
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
const columns = (parts: Tensor2D[]): Tensor2D => concat(parts, 1)

/** The classes of tasks `from` … `to` in one subspace: [classes, width]. */
function block({ prototypes, taskSizes, width }: SubspaceTable, subspace: number, from: number, to = from): Tensor2D {
  const before = sum(taskSizes.slice(0, from))
  return slice(prototypes, [before, subspace * width], [sum(taskSizes.slice(from, to + 1)), width])
}

/**
 * Gives old classes prototypes in the subspaces of later tasks, where they have no images: the prototypes of newer classes
 * there, mixed by how similar they are to the old class in the subspace of the old class' own task (EASE, § 4.2).
 * @param everyLaterSubspace complete all later subspaces anew (PILOT's `recalc_sim`), or only the newest, from the newest classes
 * @returns the table's prototypes, completed
 */
export function completePrototypes(table: SubspaceTable, everyLaterSubspace: boolean): Tensor2D {
  const { taskSizes, width, offset, prototypes } = table
  const newest = taskSizes.length - 1
  const subspaces = prototypes.shape[1] / width
  const completed = (task: number, later: number): Tensor2D => {
    const own = l2Normalize(block(table, task + offset, task))
    const newer = l2Normalize(block(table, task + offset, later, newest))
    return matMul(softmax(matMul(own, newer, false, true)), block(table, later + offset, later, newest))
  }
  const inSubspace = (task: number, subspace: number): Tensor2D => {
    const later = subspace - offset
    const missing = later > task && (everyLaterSubspace || later === newest)
    return missing ? completed(task, later) : block(table, subspace, task)
  }
  const rowsOf = (task: number) =>
    columns(Array.from({ length: subspaces }, (_, subspace) => inSubspace(task, subspace)))
  return tidy(() => concat(taskSizes.map((_, task) => rowsOf(task))))
}

/** Puts rows of one subspace in place: [count, width] from class `first` on. Returns all prototypes. */
export function replaceBlock(table: SubspaceTable, subspace: number, first: number, rows: Tensor2D): Tensor2D {
  const { prototypes, width } = table
  const [classes, total] = prototypes.shape
  const [count] = rows.shape
  const start = subspace * width
  const piece = (row: number, height: number, column: number, wide: number): Tensor2D[] =>
    height > 0 && wide > 0 ? [slice(prototypes, [row, column], [height, wide])] : []
  return tidy(() => {
    const middle = [
      ...piece(first, count, 0, start),
      rows,
      ...piece(first, count, start + width, total - start - width),
    ]
    const after = first + count
    return concat([...piece(0, first, 0, total), columns(middle), ...piece(after, classes - after, 0, total)])
  })
}

/** How much a subspace counts for the classes of a task, against 1 for the task's own. */
export interface SubspaceWeights {
  /** Of all other tasks' subspaces together (α). */
  readonly others: number
  /** Of the pre-trained network's subspace (β). */
  readonly pretrained: number
}

/**
 * Scores: per class the weighted sum over subspaces of the cosine there (EASE, equation 11).
 * @param features [batch, subspaces · width]
 * @returns [batch, classes]
 */
export function subspaceScores(features: Tensor2D, table: SubspaceTable, weights: SubspaceWeights): Tensor2D {
  const { prototypes, taskSizes, width, offset } = table
  const subspaces = prototypes.shape[1] / width
  const normalized = (rows: Tensor2D) =>
    columns((split(rows, subspaces, 1) as Tensor2D[]).map((part) => l2Normalize(part)))
  const weightOf = (task: number, subspace: number): number => {
    if (subspace < offset) return weights.pretrained
    return subspace - offset === task ? 1 : weights.others / (taskSizes.length - 1)
  }
  const weightsOf = (task: number) =>
    columns(
      Array.from(
        { length: subspaces },
        (_, subspace) => fill([taskSizes[task]!, width], weightOf(task, subspace)) as Tensor2D,
      ),
    )
  const weighting = concat(taskSizes.map((_, task) => weightsOf(task)))
  return matMul(normalized(features), mul(normalized(prototypes), weighting), false, true)
}
