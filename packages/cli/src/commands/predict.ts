import { basename, resolve } from 'node:path'
import { topK } from '@pilotjs/eval'
import { openRun } from '@pilotjs/eval/node'
import type { ImageSource } from '@pilotjs/data'
import { labeledImages, transformsFor } from '@pilotjs/data'
import { decodeImage } from '@pilotjs/data/node'
import { requireSameBackbone } from '../experiment/run-experiment'
import { runFolders } from '../experiment/run-folders'
import { createLearner, createWorkbench } from '../experiment/workbench'
import { loadMethod } from '../registry/load-method'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

/** What a saved learner makes of an image, best first. */
interface Prediction {
  readonly image: string
  readonly top: readonly { readonly class: string; readonly score: number }[]
}

/** `pilot predict RUN IMAGE…`: the five likeliest classes of each image, with their scores. */
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
  if (flags.json) return terminal.out(JSON.stringify(predictions, undefined, 2))
  const { colors: c } = terminal
  for (const { image, top } of predictions) {
    terminal.out(c.bold(image))
    const width = Math.max(...top.map((each) => each.class.length))
    for (const [rank, each] of top.entries())
      terminal.out(
        `  ${rank === 0 ? c.green(each.class.padEnd(width)) : each.class.padEnd(width)}  ${each.score.toFixed(4)}`,
      )
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
    const predictions: Prediction[] = []
    try {
      await run.restore(learner)
      const files = images.map((image) => resolve(terminal.cwd, image))
      const source: ImageSource = {
        length: files.length,
        labels: new Int32Array(files.length),
        key: (index) => files[index]!,
        read: (index) => decodeImage(files[index]!),
      }
      const view = labeledImages(source, [...files.keys()], source.labels, {
        transforms: transformsFor(backbone.preprocessing),
      })
      for await (const batch of view.batches({ size: 16, view: 'eval' })) {
        const scores = await learner.score(batch.images)
        const [rows, classes] = scores.shape
        const values = await scores.data()
        scores.dispose()
        const best = topK(values, classes, 5)
        for (let row = 0; row < rows; row++)
          predictions.push({
            image: images[batch.positions[row]!]!,
            top: Array.from(best.classes.subarray(row * best.k, (row + 1) * best.k), (index) => ({
              class: classNames[index] ?? `class ${index}`,
              score: values[row * classes + index]!,
            })),
          })
        batch.dispose()
      }
    } finally {
      learner.dispose()
    }
    return predictions
  } finally {
    await bench.close()
  }
}
