import type { Learner, Method } from '@pilotjs/core'
import { groupedAccuracy } from '@pilotjs/eval'
import { concat, dispose, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { CaseData } from './case-data'
import { rowsWhere } from './case-data'
import type { ReportBuilder } from './case-report'
import { largestDeviation, rootMeanSquare, tolerance, winners } from './compare'
import { scoresHaveLargeTerms } from './exceptions'
import type { GoldenTask } from './golden-case'
import type { RecordedArrays } from './recorded-arrays'
import { imageRows } from './recorded-images'

export interface ScoresComparison {
  /** `METHOD/CASE` */
  readonly id: string
  readonly method: Method
  readonly learner: Learner
  readonly data: CaseData
  readonly plan: { readonly baseClasses: number; readonly increment: number }
  readonly recorded: GoldenTask
  readonly evaluation: RecordedArrays
  /** Classes whose means rest on exemplars that are a near-tie. */
  readonly uncertain: ReadonlySet<number>
  readonly report: ReportBuilder
}

/** Compares scores, predictions and accuracies on the test images of all classes so far. */
export async function compareScores(comparison: ScoresComparison): Promise<void> {
  const { id, method, learner, data, plan, recorded, evaluation, uncertain, report } = comparison
  const classes = recorded.classesBefore + recorded.classes
  const rows = rowsWhere(data.test.labels, (label) => label < classes)
  const labels = rows.map((row) => data.test.labels[row]!)
  const grouping = { ...plan, classesBefore: recorded.classesBefore }

  const scores: number[] = []
  const parts: Tensor2D[] = []
  // PILOT tests in batches of the training's size, and some methods let a batch's images see each other.
  for (let first = 0; first < rows.length; first += recorded.trainBatchSize) {
    const images = imageRows(data.test, rows.slice(first, first + recorded.trainBatchSize))
    const features = tidy(() => learner.extractor.apply(images))
    const [read] = Object.values(learner.readings)
    const batch = method.pilot?.scoringChanges ? tidy(() => read!(features)) : learner.score(images)
    parts.push(features)
    scores.push(...(await batch.data()))
    dispose([images, batch])
  }
  const logits = method.pilot?.scoresAre === 'distances' ? negative(evaluation.logits) : evaluation.logits
  compareReading('scores', scores, logits, evaluation.pred, recorded, new Set())

  const [first, ...others] = Object.entries(learner.readings)
  const extracted = tidy(() => concat(parts))
  dispose(parts)
  const same = tidy(() => first![1](extracted))
  const deviation = largestDeviation(await same.data(), scores).value
  report.compares('scores', deviation, () => 'scores read off features differ from scores of images')
  const nearestMean = others.find(([name]) => name === 'nearestMean')?.[1]
  if (recorded.nme && nearestMean) {
    const nearest = tidy(() => nearestMean(extracted))
    const values = Array.from(await nearest.data())
    const distances = negative(evaluation.nme_sqdist)
    // Of some methods PILOT's nearest means are on record by their accuracies alone.
    if (!distances && !evaluation.nme_pred) compareAccuracies('nme', winners(values, classes), recorded.nme)
    else compareReading('nme', values, distances, evaluation.nme_pred, recorded.nme, uncertain)
    nearest.dispose()
  }
  dispose([extracted, same])
  if (recorded.nme && !nearestMean) report.departs('nme', 'the learner has no nearest mean of exemplars')

  function compareReading(
    kind: 'scores' | 'nme',
    values: readonly number[],
    expected: RecordedArrays[string] | undefined,
    predicted: RecordedArrays[string] | undefined,
    accuracies: Accuracies,
    lenient: ReadonlySet<number>,
  ): void {
    if (!expected || !predicted) return report.departs(kind, `the record of ${id} has no ${kind}`)
    if (values.length !== expected.values.length)
      return report.departs(
        kind,
        `${values.length / rows.length} scores per image, recorded [${expected.shape.join(', ')}]`,
      )
    const known = values.map((value, i) => (lenient.has(i % classes) ? expected.values[i]! : value))
    const scale = scoresHaveLargeTerms(id) ? rootMeanSquare(expected.values) : 0
    const { value, at } = largestDeviation(known, expected.values, scale)
    report.compares(
      kind,
      value,
      () => `image ${Math.floor(at / classes)} class ${at % classes}: ${values[at]}, recorded ${expected.values[at]}`,
    )

    const own = winners(values, classes)
    const theirs = winners(expected.values, classes)
    let flips = 0
    own.forEach(({ winner }, image) => {
      if (winner === predicted.values[image]) return
      flips++
      const fragile = theirs[image]!.margin <= 2 * tolerance || lenient.size > 0
      if (!fragile) report.departs(kind, `image ${image} is called ${winner}, recorded ${predicted.values[image]}`)
    })
    report.flipped(flips)
    if (flips === 0) compareAccuracies(kind, own, accuracies)
  }

  function compareAccuracies(kind: 'scores' | 'nme', own: ReturnType<typeof winners>, accuracies: Accuracies): void {
    const grouped = groupedAccuracy(
      own.map(({ winner }) => winner),
      labels,
      grouping,
    )
    for (const [group, percent] of Object.entries(accuracies.grouped))
      if (Math.abs((grouped[group] ?? NaN) - percent) > 0.005 || !(group in grouped))
        report.departs(kind, `accuracy of "${group}" is ${grouped[group]}, recorded ${percent}`)
  }
}

type Accuracies = Pick<GoldenTask, 'top1' | 'grouped'>

/** Distances as scores: the nearest has the most. */
const negative = (distances: RecordedArrays[string] | undefined): RecordedArrays[string] | undefined =>
  distances && { ...distances, values: distances.values.map((value) => -value) }
