import { memoryFeatureCache } from '@pilotjs/core/features'
import type { FeatureCache, LearnContext, NamedTensors, ProgressEvent } from '@pilotjs/core'
import { clone, keep, tensor, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import { recordedDraws, recordedRng } from './recorded-draws'
import { keyRow, recordedImages } from './recorded-images'
import type { RecordedArrays } from './recorded-arrays'
import type { RecordedImages } from './recorded-images'

export interface LossRecord {
  readonly phase: string
  readonly epoch: number
  readonly step: number
  readonly loss: number
  readonly learningRate: number
}

export interface RecordedContext extends LearnContext {
  /** Of every training step, in order. */
  readonly losses: readonly LossRecord[]
  /** Recorded start tensors that the learner had no variable for, or one of another shape. */
  readonly refused: readonly string[]
  /** What the learner itself had where a recorded start took its place, by PILOT's names. The caller disposes it. */
  readonly replaced: readonly Replaced[]
  /**
   * What the learner kept as each phase began, of what the record tells between phases (`after_PHASE.NAME`). The caller disposes
   * it.
   */
  readonly moments: readonly NamedTensors[]
  /** Whether the learner announced its variables at all. */
  readonly announced: boolean
}

export interface Replaced {
  readonly name: string
  readonly own: Tensor
  readonly recorded: RecordedArrays[string]
}

interface ContextSetup {
  readonly task: number
  readonly train: RecordedImages
  readonly trainOrder: readonly number[]
  /** Rows of the task's own images. */
  readonly rows: readonly number[]
  /** Whether the prototype loader walks the rows as the training loader does, or class by class. */
  readonly prototypesInTrainOrder: boolean
  readonly features: FeatureCache
  readonly start: RecordedArrays
  /** What a later phase of the task began with, where the record has that. */
  readonly laterStart: RecordedArrays
  readonly end: RecordedArrays
  /** What the task's training drew, where that was recorded. */
  readonly random: RecordedArrays
  /** Means and covariances of all classes so far, where they were recorded. */
  readonly statistics: RecordedArrays
  /** What the learner keeps now, by PILOT's names. The tensors are live. */
  kept(): NamedTensors
}

/** A context in which a learner meets what was recorded: start tensors, batch order, exemplars by their rows. */
export function recordedContext(setup: ContextSetup): RecordedContext {
  const { rows, train, trainOrder, start, laterStart, end, random, statistics } = setup
  const recordsLaterStart = Object.keys(laterStart).length > 0
  const losses: LossRecord[] = []
  const refused: string[] = []
  const replaced: Replaced[] = []
  const moments: NamedTensors[] = []
  const between = new Set(Object.keys(end).flatMap((name) => /^after_[^.]+\.(.*)$/.exec(name)?.[1] ?? []))
  let known: ReadonlySet<string> | undefined

  const overwrite = (tensors: NamedTensors, name: string, recorded: RecordedArrays[string]) => {
    const { shape, values } = recorded
    const variable = tensors[name] as Variable | undefined
    // A row of a table: what a learner has of earlier tasks was compared when they ended.
    if (!variable && `${name.replace(/\.\d+$/, '')}.*` in tensors) return
    if (!variable) {
      // What PILOT makes and never trains nobody needs to keep.
      if (!untrained(values, end[name]?.values)) refused.push(`${name} [${shape.join(', ')}] has no variable`)
    } else if (variable.shape.join() !== shape.join())
      refused.push(`${name} is [${shape.join(', ')}] on record, [${variable.shape.join(', ')}] here`)
    else {
      replaced.push({ name, own: keep(clone(variable)), recorded })
      tidy(() => variable.assign(tensor(values, [...shape], variable.dtype)))
    }
  }

  const ownOrder = trainOrder.map((row) => rows.indexOf(row)).filter((position) => position >= 0)
  const order = setup.prototypesInTrainOrder && ownOrder.length === rows.length ? ownOrder : rows.map((_, i) => i)

  /** When a phase is announced its tensors stand and nothing has changed them: what was recorded then takes their place. */
  const inject = () => {
    const tensors = setup.kept()
    const names = Object.keys(tensors)
    if (!known) for (const [name, array] of Object.entries(start)) overwrite(tensors, name, array)
    // What comes up only later in the task was drawn between the phases; the record has it as a later phase began, or, where
    // nothing trains it, among what the task ends with.
    else
      for (const name of names) {
        const recorded = recordsLaterStart ? laterStart[name] : end[name]
        if (!known.has(name) && !(name in start) && recorded) overwrite(tensors, name, recorded)
      }
    known = new Set([...(known ?? []), ...names])
    const told = Object.entries(tensors).filter(([name]) => between.has(name))
    if (told.length > 0) moments.push(Object.fromEntries(told.map(([name, own]) => [name, keep(clone(own))])))
  }

  return {
    rng: recordedRng(setup.task, Int32Array.from(order), recordedDraws(random, statistics)),
    signal: new AbortController().signal,
    features: setup.features,
    losses,
    refused,
    replaced,
    moments,
    get announced() {
      return known !== undefined
    },
    recall: (keys) => recordedImages(train, keys.map(keyRow), trainOrder),
    report(event: ProgressEvent) {
      if (event.kind === 'phase') inject()
      if (event.kind !== 'step') return
      const { phase, epoch, step, loss, learningRate } = event
      losses.push({ phase, epoch, step, loss, learningRate })
    },
  }
}

/** Whether a tensor is recorded the same before and after. */
export const untrained = (before: Values | undefined, after: Values | undefined): boolean =>
  before !== undefined && before.length === after?.length && before.every((value, i) => value === after[i])

type Values = RecordedArrays[string]['values']

export const freshFeatures = () => memoryFeatureCache()
