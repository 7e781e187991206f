import { createVit } from '@pilotjs/core/backbones'
import type { ConfiguredMethod, Learner, Method, NamedTensors, Task } from '@pilotjs/core'
import { groupedAccuracy } from '@pilotjs/eval'
import { concat, dispose, tensor, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { caseReport } from './case-report'
import type { CaseReport, ReportBuilder } from './case-report'
import { largestDeviation, rootMeanSquare, tolerance, winners } from './compare'
import { readHerding, stepsBeforeNoise } from './golden-case'
import type { GoldenCase, GoldenTask } from './golden-case'
import { carryRecorded, recordedExemplars, uncertainClasses } from './recorded-memory'
import { byPilotNames } from './pilot-names'
import { readOptions } from './read-options'
import { recordedSampleCount } from './recorded-draws'
import { readArrays, valuesOf } from './recorded-arrays'
import type { RecordedArrays } from './recorded-arrays'
import { freshFeatures, recordedContext, untrained } from './recorded-context'
import { imageRows, recordedImages } from './recorded-images'
import type { RecordedImages } from './recorded-images'

interface CaseData {
  readonly train: RecordedImages
  readonly test: RecordedImages
  readonly totalClasses: number
}

/** Learns a recorded case anew, from its own configuration, and compares what comes out with the record. */
export async function replayCase(golden: GoldenCase, methods: readonly Method[]): Promise<CaseReport> {
  const { method, configured } = readOptions(golden, methods, await drawnOf(golden))
  const data = await readData(golden.dataFile)
  const orders = golden.prototypesInTrainOrder === undefined ? [false, true] : [golden.prototypesInTrainOrder]
  let report: CaseReport | undefined
  // A record that does not say in which order prototypes were taken may have been taken in either.
  for (const inTrainOrder of orders) {
    const attempt = await replayInOrder(golden, method, configured, data, inTrainOrder)
    if (!report || attempt.passed) report = attempt
    if (report.passed) break
  }
  return report!
}

/** What tasks ended with up to this one: of classes, some records hold only a task's own. */
async function everyEnd({ folder, tasks }: GoldenCase, index: number): Promise<RecordedArrays> {
  const indices = [...tasks.keys()].filter((task) => task <= index && tasks[task]!.files.includes('end'))
  const ends = await Promise.all(indices.map((task) => readArrays(`${folder}/task${task}.end.safetensors`)))
  return Object.assign({}, ...ends) as RecordedArrays
}

/** How many features the record draws of each class, which PILOT's configs do not say. */
async function drawnOf({ folder, tasks }: GoldenCase): Promise<number | undefined> {
  const index = tasks.findIndex(({ files }) => files.includes('random'))
  return index < 0 ? undefined : recordedSampleCount(await readArrays(`${folder}/task${index}.random.safetensors`))
}

async function replayInOrder(
  golden: GoldenCase,
  method: Method,
  configured: ConfiguredMethod,
  data: CaseData,
  prototypesInTrainOrder: boolean,
): Promise<CaseReport> {
  const { vit } = golden
  const backbone = createVit(
    {
      imageSize: vit.imageSize,
      patchSize: vit.patchSize,
      width: vit.width,
      depth: vit.depth,
      heads: vit.heads,
      mlpRatio: vit.mlpRatio,
      layerNormEpsilon: vit.layerNormEps,
    },
    toTensors(await readArrays(golden.backboneFile)),
    { name: 'recorded' },
  )
  const plan = {
    totalClasses: data.totalClasses,
    baseClasses: golden.tasks[0]!.classes,
    increment: Number(golden.options.increment ?? golden.tasks.at(-1)!.classes),
  }
  const report = caseReport(golden.id)
  const learner = configured.create({ backbone, seed: 0, plan })
  const features = freshFeatures()
  try {
    for (const index of golden.tasks.keys())
      await replayTask({ golden, method, learner, data, index, prototypesInTrainOrder, features, plan, report })
  } catch (error) {
    report.failed(error instanceof Error ? error.message : String(error))
  } finally {
    learner.dispose()
    backbone.dispose()
  }
  return report.finish()
}

interface TaskReplay {
  readonly golden: GoldenCase
  readonly method: Method
  readonly learner: Learner
  readonly data: CaseData
  readonly index: number
  readonly prototypesInTrainOrder: boolean
  readonly features: ReturnType<typeof freshFeatures>
  readonly plan: { readonly baseClasses: number; readonly increment: number }
  readonly report: ReportBuilder
}

async function replayTask(replay: TaskReplay): Promise<void> {
  const { golden, method, learner, data, index, report } = replay
  const recorded = golden.tasks[index]!
  const file = (kind: string, task = index) =>
    golden.tasks[task]!.files.includes(kind)
      ? readArrays(`${golden.folder}/task${task}.${kind}.safetensors`)
      : Promise.resolve<RecordedArrays>({})
  const kinds = ['start', 'end', 'eval', 'random'] as const
  const [start, end, evaluation, random] = (await Promise.all(kinds.map((kind) => file(kind)))) as [
    RecordedArrays,
    RecordedArrays,
    RecordedArrays,
    RecordedArrays,
  ]
  const laterStarts = recorded.files.filter((kind) => kind.endsWith('_start'))
  const laterStart = Object.assign({}, ...(await Promise.all(laterStarts.map((kind) => file(kind))))) as RecordedArrays
  // What the last task left behind is taken as recorded, so that noise and near-ties do not add up over tasks.
  if (index > 0) carryRecorded(method, learner, await file('end', index - 1))

  const classesAfter = recorded.classesBefore + recorded.classes
  const rows = rowsWhere(data.train.labels, (label) => label >= recorded.classesBefore && label < classesAfter)
  const context = recordedContext({
    task: index,
    train: data.train,
    trainOrder: recorded.trainOrder,
    rows,
    prototypesInTrainOrder: replay.prototypesInTrainOrder,
    features: replay.features,
    start,
    laterStart,
    end,
    random,
    statistics: await everyEnd(golden, index),
    kept: () => byPilotNames(method, learner),
  })
  const task: Task = {
    index,
    classes: Array.from({ length: recorded.classes }, (_, i) => recorded.classesBefore + i),
    classesBefore: recorded.classesBefore,
    classesAfter,
    train: recordedImages(data.train, rows, recorded.trainOrder),
  }
  await learner.learn(task, context)

  report.at(index)
  if (context.announced) for (const text of context.refused) report.departs('start', text)
  const comparable = stepsBeforeNoise(golden, index)
  compareLosses(recorded, context.losses, comparable ?? Infinity, report)
  if (comparable !== undefined) return report.noisy()
  const uncertain = uncertainClasses(recordedExemplars(learner.state()), end, readHerding(golden, index), report)
  const unkept = method.pilot?.unkept ?? []
  const isUnkept = (name: string) => unkept.some((own) => name === own || name.startsWith(`${own}.`))
  const kept = Object.fromEntries(Object.entries(end).filter(([name]) => !isUnkept(name)))
  await compareEnd(byPilotNames(method, learner), { ...start, ...laterStart }, kept, uncertain, report)
  await compareScores(replay, recorded, classesAfter, evaluation, uncertain)
}

function compareLosses(
  recorded: GoldenTask,
  losses: ReturnType<typeof recordedContext>['losses'],
  comparable: number,
  report: ReportBuilder,
): void {
  if (losses.length !== recorded.losses.length)
    report.departs('losses', `${losses.length} training steps, ${recorded.losses.length} on record`)
  recorded.losses.slice(0, Math.min(losses.length, comparable)).forEach((expected, i) => {
    const { loss, epoch, step, phase, learningRate } = losses[i]!
    const where = `${phase} epoch ${epoch} step ${step}`
    report.compares(
      'losses',
      largestDeviation([loss], [expected.loss]).value,
      () => `${where}: ${loss}, recorded ${expected.loss}`,
    )
    if (expected.lr !== undefined && largestDeviation([learningRate / expected.lr], [1]).value > 1e-6)
      report.departs('losses', `${where}: learning rate ${learningRate}, recorded ${expected.lr}`)
  })
}

async function compareEnd(
  kept: NamedTensors,
  start: RecordedArrays,
  end: RecordedArrays,
  uncertain: ReadonlySet<number>,
  report: ReportBuilder,
): Promise<void> {
  const own = await valuesOf(kept)
  for (const [name, expected] of Object.entries(end)) {
    if (name.startsWith('stat.exemplar_')) continue
    const statistic = name.startsWith('stat.')
    const key = statistic ? name.slice('stat.'.length) : name
    const whole = own[key] ?? rowNamed(own, key)
    // Of a table that grows, a record may hold the newest rows only; `NAME_from` says which is the first.
    const from = end[`${key}_from`]?.values[0]
    const actual = whole && from !== undefined ? rowsFrom(whole, from) : whole
    // Some records tell more than how a task ends.
    if (!actual && (/^after_/.test(key) || key.endsWith('_from'))) continue
    if (!actual) {
      if (untrained(start[name]?.values, expected.values)) continue
      report.departs('end', `${key} [${expected.shape.join(', ')}] is not in the learner's state`)
      continue
    }
    if (!fits(actual.shape, expected)) {
      report.departs('end', `${key} is [${actual.shape.join(', ')}], recorded [${expected.shape.join(', ')}]`)
      continue
    }
    const width = expected.shape.at(-1) ?? 1
    const values = padded(actual, expected)
    // Means of classes whose exemplars are a near-tie are not compared.
    if (statistic) expected.values.forEach((value, i) => uncertain.has(Math.floor(i / width)) && (values[i] = value))
    const { value, at } = largestDeviation(values, expected.values, rootMeanSquare(expected.values))
    report.compares('end', value, () => `${key}, element ${at}: ${values[at]}, recorded ${expected.values[at]}`)
  }
}

function rowsFrom({ shape, values }: RecordedArrays[string], first: number): RecordedArrays[string] {
  return { shape: [shape[0]! - first, ...shape.slice(1)], values: values.subarray((first * values.length) / shape[0]!) }
}

/** A row that PILOT keeps by itself, `NAME.3`, of a table of ours. */
function rowNamed(own: RecordedArrays, name: string): RecordedArrays[string] | undefined {
  const [, table, row] = /^(.*)\.(\d+)$/.exec(name) ?? []
  const all = own[`${table}.*`]
  if (!all || Number(row) >= all.shape[0]!) return undefined
  const size = all.values.length / all.shape[0]!
  return { shape: all.shape.slice(1), values: all.values.subarray(Number(row) * size, (Number(row) + 1) * size) }
}

/** PILOT makes room for classes to come; a table of ours that ends earlier is the same where the record goes on with zeros. */
function fits(shape: readonly number[], { shape: recorded, values }: RecordedArrays[string]): boolean {
  if (shape.join() === recorded.join()) return true
  if (shape.length !== 2 || recorded.length !== 2 || shape[0] !== recorded[0] || shape[1]! > recorded[1]!) return false
  return values.every((value, i) => value === 0 || i % recorded[1]! < shape[1]!)
}

function padded(actual: RecordedArrays[string], expected: RecordedArrays[string]): Float32Array {
  if (actual.shape.join() === expected.shape.join()) return Float32Array.from(actual.values)
  const [own, wide] = [actual.shape[1]!, expected.shape[1]!]
  return Float32Array.from(expected.values, (_, i) =>
    i % wide < own ? actual.values[Math.floor(i / wide) * own + (i % wide)]! : 0,
  )
}

async function compareScores(
  { golden, method, learner, data, plan, report }: TaskReplay,
  recorded: GoldenTask,
  classes: number,
  evaluation: RecordedArrays,
  uncertain: ReadonlySet<number>,
): Promise<void> {
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
  report.at(report.task)
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
    const distances = negative(evaluation.nme_sqdist)
    compareReading('nme', Array.from(await nearest.data()), distances, evaluation.nme_pred, recorded.nme, uncertain)
    nearest.dispose()
  }
  dispose([extracted, same])
  if (recorded.nme && !nearestMean) report.departs('nme', 'the learner has no nearest mean of exemplars')

  function compareReading(
    kind: 'scores' | 'nme',
    values: readonly number[],
    expected: RecordedArrays[string] | undefined,
    predicted: RecordedArrays[string] | undefined,
    accuracies: { top1: number; grouped: Readonly<Record<string, number>> },
    lenient: ReadonlySet<number>,
  ): void {
    if (!expected || !predicted) return report.departs(kind, `the record of ${golden.id} has no ${kind}`)
    if (values.length !== expected.values.length)
      return report.departs(
        kind,
        `${values.length / rows.length} scores per image, recorded [${expected.shape.join(', ')}]`,
      )
    const known = values.map((value, i) => (lenient.has(i % classes) ? expected.values[i]! : value))
    // A small score carries the rounding of products as large as those of the others.
    const { value, at } = largestDeviation(known, expected.values, rootMeanSquare(expected.values))
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
    const grouped = groupedAccuracy(
      own.map(({ winner }) => winner),
      labels,
      grouping,
    )
    if (flips > 0) return
    for (const [group, percent] of Object.entries(accuracies.grouped))
      if (Math.abs((grouped[group] ?? NaN) - percent) > 0.005 || !(group in grouped))
        report.departs(kind, `accuracy of "${group}" is ${grouped[group]}, recorded ${percent}`)
  }
}

async function readData(file: string): Promise<CaseData> {
  const arrays = await readArrays(file)
  const images = (split: 'train' | 'test'): RecordedImages => {
    const pixels = arrays[`${split}_x`]
    const labels = arrays[`${split}_y`]
    if (pixels?.shape.length !== 4 || !labels)
      throw new Error(`${file}: ${split}_x [images, 3, height, width] and ${split}_y are missing`)
    return {
      split,
      pixels: pixels.values as Float32Array,
      shape: pixels.shape as unknown as RecordedImages['shape'],
      labels: Int32Array.from(labels.values),
    }
  }
  const [train, test] = [images('train'), images('test')]
  return { train, test, totalClasses: 1 + train.labels.reduce((most, label) => Math.max(most, label), 0) }
}

const rowsWhere = (labels: Int32Array, wanted: (label: number) => boolean): number[] =>
  Array.from(labels.keys()).filter((row) => wanted(labels[row]!))

const toTensors = (arrays: RecordedArrays): NamedTensors =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape, values }]) => [name, tensor(values, [...shape])]))

/** Distances as scores: the nearest has the most. */
const negative = (distances: RecordedArrays[string] | undefined): RecordedArrays[string] | undefined =>
  distances && { ...distances, values: distances.values.map((value) => -value) }
