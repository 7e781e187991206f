import { basename } from 'node:path'
import { predictImages } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import type { ClassifierPrediction } from './predict-by-classifier'
import { classifierFile, predictByClassifier } from './predict-by-classifier'
import { runFolders } from './run-folders'

export interface PredictFlags {
  readonly json?: boolean
  readonly backbone?: string
}

/**
 * `pilot predict RUN IMAGE…`: the five likeliest classes of each image, with their scores; of a classifier's file, with
 * probabilities.
 * @throws Error where images can't be read: after the others are named
 */
export async function predict(
  path: string,
  images: readonly string[],
  flags: PredictFlags,
  terminal: Terminal,
): Promise<void> {
  const file = classifierFile(path, terminal.cwd)
  const predictions = file
    ? await predictByClassifier(file, images, flags, terminal)
    : await predictByRun(path, images, terminal)
  if (flags.json) terminal.out(JSON.stringify(predictions, undefined, 2))
  else for (const prediction of predictions) if ('top' in prediction) show(prediction, terminal)
  const unreadable = predictions.filter((prediction) => 'error' in prediction)
  if (unreadable.length > 0) throw new Error(unreadable.map(({ error }) => error).join('\n'))
}

async function predictByRun(
  path: string,
  images: readonly string[],
  { cwd, signal, err, colors }: Terminal,
): Promise<ClassifierPrediction[]> {
  const [folder, ...more] = await runFolders(path, cwd)
  if (more.length > 0)
    throw new UsageError(
      `${path} holds ${more.length + 1} runs: name one of them, such as ${path}/${basename(folder!)}`,
    )
  const onNote = (message: string) => err(colors.dim(oneLine(message)))
  return predictImages(folder!, images, { cwd, signal, registry: registryOf(cwd), onNote })
}

function show(
  { image, top, isUnknown = false }: Extract<ClassifierPrediction, { top: unknown }>,
  { out, colors: c }: Terminal,
): void {
  out(`${c.bold(oneLine(image))}${isUnknown ? ' (looks like none of the classes)' : ''}`)
  const width = Math.max(...top.map((each) => oneLine(each.class).length))
  for (const [rank, each] of top.entries()) {
    const name = oneLine(each.class).padEnd(width)
    out(`  ${rank === 0 ? c.green(name) : name}  ${each.score.toFixed(4)}`)
  }
}
