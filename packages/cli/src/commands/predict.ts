import { basename, resolve } from 'node:path'
import type { Learner } from '@pilotjs/core'
import { topK } from '@pilotjs/eval'
import { openRun } from '@pilotjs/eval/node'
import type { ImageSource, RgbImage, Transforms } from '@pilotjs/data'
import { labeledImages, transformsFor } from '@pilotjs/data'
import { decodeImage } from '@pilotjs/data/node'
import { requireSameBackbone } from '../experiment/run-experiment'
import { runFolders } from '../experiment/run-folders'
import { createLearner, createWorkbench } from '../experiment/workbench'
import { loadMethod } from '../registry/load-method'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

/** What a saved learner makes of an image, best first; or why the image can't be read. */
type Prediction =
  | { readonly image: string; readonly top: readonly { readonly class: string; readonly score: number }[] }
  | { readonly image: string; readonly error: string }

/** Images that are decoded and scored at once. */
const AT_ONCE = 16

/**
 * `pilot predict RUN IMAGE…`: the five likeliest classes of each image, with their scores.
 * @throws Error where images can't be read: after the others are named
 */
export async function predict(
  path: string,
  images: readonly string[],
  flags: { readonly json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const [folder, ...more] = await runFolders(path, terminal.cwd)
  if (more.length > 0)
    throw new UsageError(
      `${path} holds ${more.length + 1} runs: name one of them, such as ${path}/${basename(folder!)}`,
    )
  const predictions = await scoreFiles(folder!, images, terminal)
  if (flags.json) terminal.out(JSON.stringify(predictions, undefined, 2))
  else for (const prediction of predictions) if ('top' in prediction) show(prediction, terminal)
  const unreadable = predictions.filter((prediction) => 'error' in prediction)
  if (unreadable.length > 0) throw new Error(unreadable.map(({ error }) => error).join('\n'))
}

function show({ image, top }: Extract<Prediction, { top: unknown }>, { out, colors: c }: Terminal): void {
  out(c.bold(image))
  const width = Math.max(...top.map((each) => each.class.length))
  for (const [rank, each] of top.entries()) {
    const name = each.class.padEnd(width)
    out(`  ${rank === 0 ? c.green(name) : name}  ${each.score.toFixed(4)}`)
  }
}

async function scoreFiles(folder: string, images: readonly string[], terminal: Terminal): Promise<Prediction[]> {
  const run = await openRun(folder)
  const { method } = await loadMethod(run.config.method, terminal.cwd)
  const bench = createWorkbench({ signal: terminal.signal })
  try {
    const { classNames, plan } = await run.last()
    const backbone = await bench.backbone(run.config)
    requireSameBackbone(run, { backbone })
    const learner = createLearner(run.config, method, backbone, plan)
    try {
      await run.restore(learner)
      const scoring = { learner, classNames, transforms: transformsFor(backbone.preprocessing) }
      const predictions: Prediction[] = []
      for (let first = 0; first < images.length; first += AT_ONCE) {
        terminal.signal.throwIfAborted()
        predictions.push(...(await scoreSome(images.slice(first, first + AT_ONCE), terminal.cwd, scoring)))
      }
      return predictions
    } finally {
      learner.dispose()
    }
  } finally {
    await bench.close()
  }
}

async function scoreSome(
  images: readonly string[],
  cwd: string,
  scoring: { readonly learner: Learner; readonly classNames: readonly string[]; readonly transforms: Transforms },
): Promise<Prediction[]> {
  const read = await Promise.allSettled(images.map((image) => decodeImage(resolve(cwd, image))))
  const decoded = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const tops = await topsOf(decoded, scoring)
  return read.map((each, index) =>
    each.status === 'fulfilled'
      ? { image: images[index]!, top: tops.shift()! }
      : { image: images[index]!, error: (each.reason as Error).message },
  )
}

async function topsOf(
  decoded: readonly RgbImage[],
  { learner, classNames, transforms }: Parameters<typeof scoreSome>[2],
) {
  const source: ImageSource = {
    length: decoded.length,
    labels: new Int32Array(decoded.length),
    key: String,
    read: (index) => decoded[index]!,
  }
  const tops: { class: string; score: number }[][] = []
  if (decoded.length === 0) return tops
  const view = labeledImages(source, [...decoded.keys()], source.labels, { transforms })
  for await (const batch of view.batches({ size: decoded.length, view: 'eval' })) {
    const scores = await learner.score(batch.images)
    const [rows, classes] = scores.shape
    const values = await scores.data()
    scores.dispose()
    batch.dispose()
    const best = topK(values, classes, 5)
    for (let row = 0; row < rows; row++)
      tops.push(
        Array.from(best.classes.subarray(row * best.k, (row + 1) * best.k), (index) => ({
          class: classNames[index] ?? `class ${index}`,
          score: values[row * classes + index]!,
        })),
      )
  }
  return tops
}
