import * as tf from '@tensorflow/tfjs-core'
import { EngineError } from './engine-error'
import { mendEngine } from './mend-engine'
import { probeEngine } from './probe-engine'
import { withDeadline } from './with-deadline'

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
  /** Called where it loaded but did not start: takes back what `load` set, so that another may be tried. */
  undo?(): void
  /** What keeps it from starting at all, where that is known: told when the deadline passes without an answer. */
  readonly whenSilent?: string
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

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whether an import failed because the package itself is not there, in the words of Node and of the browsers' bundlers. */
function isMissing(error: unknown, packageName: string): boolean {
  // Node also names who imported, perhaps a file of the package whose own dependency is missing.
  const [message] = messageOf(error).split(' imported from ')
  return (
    message!.includes(packageName) &&
    /cannot find (package|module)|could not resolve|failed to (resolve|fetch|load)/i.test(message!)
  )
}

export interface StartOptions {
  /** How long an engine may take until it has computed something, in milliseconds. Default 60,000. */
  deadline?: number
}

async function start(candidate: EngineCandidate, { deadline = 60_000 }: StartOptions): Promise<void> {
  const { name, backend, packageName, whenSilent } = candidate
  const facts = { engine: name, package: packageName }
  try {
    await candidate.load()
  } catch (error) {
    if (error instanceof EngineError) throw error
    const cause = { cause: error }
    if (isMissing(error, packageName))
      throw new EngineError(
        'engine-not-installed',
        `engine "${name}" needs the package ${packageName}: npm install ${packageName}`,
        facts,
        cause,
      )
    throw new EngineError(
      'engine-does-not-load',
      `engine "${name}": ${packageName} is installed but does not load: ${messageOf(error)}`,
      facts,
      cause,
    )
  }
  const compute = async () => {
    if (!(await tf.setBackend(backend)))
      throw new EngineError(
        'engine-does-not-start',
        `engine "${name}" does not start here: TensorFlow.js refused backend "${backend}"`,
        facts,
      )
    mendEngine()
    await probeEngine(name)
  }
  const silence = () => {
    forget(backend)
    return new EngineError(
      'engine-silent',
      `engine "${name}" has not computed anything after ${deadline / 1000} s${whenSilent ? `: ${whenSilent}` : ''}`,
      { ...facts, deadline },
    )
  }
  try {
    await withDeadline(compute(), deadline, silence)
  } catch (error) {
    candidate.undo?.()
    if (error instanceof EngineError) throw error
    throw new EngineError('engine-does-not-start', `engine "${name}" does not start: ${messageOf(error)}`, facts, {
      cause: error,
    })
  }
}

/**
 * TensorFlow.js waits for a backend that it once began to start before anything else; taken out and in again, it may be tried
 * anew.
 */
function forget(backend: string): void {
  if (tf.getBackend() === backend) registerAnew(backend, tf.engine().registryFactory[backend])
}

/** Puts a way to make a backend in the place of the one there is, and of what that has made. */
export function registerAnew(backend: string, entry: RegisteredBackend | undefined): void {
  if (!entry) return
  tf.removeBackend(backend)
  tf.registerBackend(backend, entry.factory, entry.priority)
}

/** How TensorFlow.js makes a backend, and how much it prefers it. */
export type RegisteredBackend = ReturnType<typeof tf.engine>['registryFactory'][string]

/**
 * Starts the engine named `choice`, or for `auto` the first candidate that loads, computes a few numbers right and has no
 * drawback (one with a drawback is taken when nothing better is there).
 * @throws EngineError naming what to install, or what keeps an engine from computing
 */
export async function startEngine(
  choice: string,
  candidates: readonly EngineCandidate[],
  automatic: readonly string[],
  options: StartOptions = {},
): Promise<EngineSelection> {
  const find = (name: string) => candidates.find((candidate) => candidate.name === name)
  if (choice !== 'auto') {
    const candidate = find(choice)
    if (!candidate)
      throw new EngineError(
        'engine-not-known',
        `engine "${choice}" is not known; choose auto, ${candidates.map(({ name }) => name).join(', ')} (option engine, environment PILOT_ENGINE)`,
        { engine: choice },
      )
    await start(candidate, options)
    return { engine: choice, backend: candidate.backend, passedOver: [] }
  }
  const passedOver: { engine: string; reason: string }[] = []
  let fallback: EngineCandidate | undefined
  for (const name of automatic) {
    const candidate = find(name)!
    try {
      await start(candidate, options)
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
    await start(fallback, options)
    return { engine: fallback.name, backend: fallback.backend, passedOver }
  }
  throw new EngineError(
    'no-engine',
    `no engine is there. Install one, for example: npm install ${find(automatic.at(-1)!)!.packageName}\n` +
      passedOver.map(({ engine, reason }) => `  ${engine}: ${reason}`).join('\n'),
  )
}
