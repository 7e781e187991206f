import { basename } from 'node:path'
import type { Prediction } from '@pilotjs/experiment'
import { predictImages } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import { runFolders } from './run-folders'

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
  const { cwd, signal } = terminal
  const [folder, ...more] = await runFolders(path, cwd)
  if (more.length > 0)
    throw new UsageError(
      `${path} holds ${more.length + 1} runs: name one of them, such as ${path}/${basename(folder!)}`,
    )
  const predictions = await predictImages(folder!, images, { cwd, signal, registry: registryOf(cwd) })
  if (flags.json) terminal.out(JSON.stringify(predictions, undefined, 2))
  else for (const prediction of predictions) if ('top' in prediction) show(prediction, terminal)
  const unreadable = predictions.filter((prediction) => 'error' in prediction)
  if (unreadable.length > 0) throw new Error(unreadable.map(({ error }) => error).join('\n'))
}

function show({ image, top }: Extract<Prediction, { top: unknown }>, { out, colors: c }: Terminal): void {
  out(c.bold(oneLine(image)))
  const width = Math.max(...top.map((each) => oneLine(each.class).length))
  for (const [rank, each] of top.entries()) {
    const name = oneLine(each.class).padEnd(width)
    out(`  ${rank === 0 ? c.green(name) : name}  ${each.score.toFixed(4)}`)
  }
}
