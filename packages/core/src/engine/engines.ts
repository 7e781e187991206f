import * as tf from '@tensorflow/tfjs-core'

/** What runs the tensors: one of TensorFlow.js' backends, by the name that users choose it with. */
export interface EngineCandidate {
  /** As in `PILOT_ENGINE=onnx` and `selectEngine('onnx')`. */
  readonly name: string
  /** The name under which TensorFlow.js registers it. */
  readonly backend: string
  /** The npm package that brings it. */
  readonly packageName: string
  /** Imports the package, which registers the backend. */
  load(): Promise<unknown>
  /** Called once it runs: why `auto` should rather take the next one (a GPU build without a GPU, say). */
  drawback?(): string | undefined
}

export interface EngineSelection {
  readonly engine: string
  /** What `tf.getBackend()` now says. */
  readonly backend: string
  /** What `auto` tried before, and why it went on. */
  readonly passedOver: readonly { readonly engine: string; readonly reason: string }[]
}

/** An engine that cannot be had; the message says what to install or set. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whether an import failed because the package itself is not there, in the words of Node and of the browsers' bundlers. */
function isMissing(error: unknown, packageName: string): boolean {
  const message = messageOf(error)
  return (
    message.includes(packageName) &&
    /cannot find (package|module)|could not resolve|failed to (resolve|fetch|load)/i.test(message)
  )
}

async function start(candidate: EngineCandidate): Promise<void> {
  const { name, backend, packageName } = candidate
  try {
    await candidate.load()
  } catch (error) {
    if (error instanceof EngineError) throw error
    if (isMissing(error, packageName))
      throw new EngineError(`engine "${name}" needs the package ${packageName}: npm install ${packageName}`)
    throw new EngineError(`engine "${name}": ${packageName} is installed but does not load: ${messageOf(error)}`)
  }
  let started: boolean
  try {
    started = await tf.setBackend(backend)
    await tf.ready()
  } catch (error) {
    throw new EngineError(`engine "${name}" does not start: ${messageOf(error)}`)
  }
  if (!started)
    throw new EngineError(`engine "${name}" does not start here: TensorFlow.js refused backend "${backend}"`)
}

/**
 * Starts the engine named `choice`, or for `auto` the first candidate that loads and has no drawback (one with a drawback
 * is taken when nothing better is there).
 * @throws EngineError naming what to install
 */
export async function startEngine(
  choice: string,
  candidates: readonly EngineCandidate[],
  automatic: readonly string[],
): Promise<EngineSelection> {
  const find = (name: string) => candidates.find((candidate) => candidate.name === name)
  if (choice !== 'auto') {
    const candidate = find(choice)
    if (!candidate)
      throw new EngineError(
        `engine "${choice}" is not known; choose auto, ${candidates.map(({ name }) => name).join(', ')} (option engine, environment PILOT_ENGINE)`,
      )
    await start(candidate)
    return { engine: choice, backend: candidate.backend, passedOver: [] }
  }
  const passedOver: { engine: string; reason: string }[] = []
  let fallback: EngineCandidate | undefined
  for (const name of automatic) {
    const candidate = find(name)!
    try {
      await start(candidate)
    } catch (error) {
      passedOver.push({ engine: name, reason: messageOf(error) })
      continue
    }
    const drawback = candidate.drawback?.()
    if (drawback === undefined) return { engine: name, backend: candidate.backend, passedOver }
    passedOver.push({ engine: name, reason: drawback })
    fallback ??= candidate
  }
  if (fallback) {
    await start(fallback)
    return { engine: fallback.name, backend: fallback.backend, passedOver }
  }
  throw new EngineError(
    `no engine is there. Install one, for example: npm install ${find(automatic.at(-1)!)!.packageName}\n` +
      passedOver.map(({ engine, reason }) => `  ${engine}: ${reason}`).join('\n'),
  )
}
