import { Tensor, type TensorInfo, type Variable, engine, getBackend, tidy } from '@tensorflow/tfjs-core'
import type { OnnxBackend } from './backend'
import { Storage } from './graph/storage'
import { backendName } from './kernels/define'
import { type Plan, Recording, type Source, samePlan } from './recording'
import { onnxBackend } from './register'

/** A step that need not be recorded every time. */
export interface ReplayedStep<A extends Tensor[], R> {
  (...inputs: A): R
  /** Lets go what replays keep: recorded steps and the buffers they captured. The step may be called again. */
  dispose(): void
}

export interface ReplayOptions {
  /**
   * Names what the step depends on besides arguments and variables, as a learning rate that changes from time to time. A step is recorded
   * anew for every other key.
   */
  key?: () => string | number
}

/** So many kinds of a step, by key and shapes, are kept. */
const maxKinds = 16

/**
 * Makes a step, one that trains say, that is recorded a few times and then replayed: it runs the same graphs on other arguments and
 * variables, without calling the function. It saves the time that TensorFlow.js takes to record (a few percent of a step).
 *
 * The function must do the same every time. What it computes may depend on its arguments, on variables (`tf.Variable`; their new values are part of what is replayed)
 * and on nothing else, unless `key` names it: JavaScript's numbers and other tensors are as they were when it was recorded. It is replayed
 * once two calls in a row, with equal shapes and keys, agree in all they took from elsewhere; a step that draws random numbers, reads a tensor,
 * or keeps tensors that are not in variables never is, and runs as it always did. So do calls inside `tf.grads` and calls on other backends.
 *
 * @param step gets the arguments; returns a tensor, a list of tensors, or nothing. Called inside `tf.tidy`
 * @throws Error when it returns something else
 */
export function replayed<A extends Tensor[], R>(
  step: (...inputs: A) => R,
  { key = () => '' }: ReplayOptions = {},
): ReplayedStep<A, R> {
  const kinds = new Map<string, Kind>()

  const call = (...inputs: A): R => {
    const run = () => tidy(() => step(...inputs) as Tensor) as R
    if (getBackend() !== backendName || engine().state.gradientDepth > 0) return run()
    const backend = onnxBackend()
    // Arguments are inputs, not part of the graph.
    backend.flush()
    if (inputs.some((tensor) => backend.storedValue(tensor) === undefined)) return run()
    const name = JSON.stringify([key(), inputs.map(({ shape, dtype }) => [shape, dtype])])
    const kind = kinds.get(name) ?? new Kind(backend)
    kinds.delete(name)
    kinds.set(name, kind)
    if (kinds.size > maxKinds) {
      const [oldest, dropped] = kinds.entries().next().value!
      kinds.delete(oldest)
      dropped.dispose()
    }
    return kind.call(inputs, run)
  }
  const dispose = () => {
    for (const kind of kinds.values()) kind.dispose()
    kinds.clear()
  }
  return Object.assign(call, { dispose })
}

function listOf(results: unknown): Tensor[] {
  const list: unknown[] = Array.isArray(results) ? results : results === undefined ? [] : [results]
  if (list.every((result) => result instanceof Tensor)) return list
  throw new Error('replayed: the step must return a tensor, a list of tensors, or nothing.')
}

/** Calls of a step with the same shapes and key. */
class Kind {
  private latest: Plan | null = null
  private replay: Replay | null = null
  private isList = false

  constructor(private readonly backend: OnnxBackend) {}

  call<R>(inputs: Tensor[], run: () => R): R {
    if (this.replay?.isCurrent() === false) this.dispose()
    if (this.replay === null) return this.record(inputs, run)
    const results = this.replay.run(inputs)
    return (this.isList ? results : results[0]) as R
  }

  private record<R>(inputs: Tensor[], run: () => R): R {
    const { backend } = this
    const variables = () => Object.values(engine().registeredVariables)
    const [reads, tensors] = [backend.readCount, engine().state.numTensors]
    const recording = new Recording(backend, inputs, variables())
    try {
      const results = backend.watch(recording, run)
      const list = listOf(results)
      const isClean = backend.readCount === reads && engine().state.numTensors === tensors + list.length
      const plan = isClean ? recording.plan(list, variables()) : null
      if (plan !== null && this.latest !== null && samePlan(plan, this.latest)) this.replay = new Replay(backend, plan)
      this.latest = this.replay === null ? plan : null
      this.isList = Array.isArray(results)
      return results
    } finally {
      recording.close()
    }
  }

  dispose(): void {
    this.replay?.dispose()
    this.replay = this.latest = null
  }
}

/** A plan with all that it needs at hand. */
class Replay {
  private readonly captured = new Map<Source, Storage>()
  private readonly variables: readonly Variable[]

  constructor(
    private readonly backend: OnnxBackend,
    private readonly plan: Plan,
  ) {
    const { runs, results, updates } = plan
    const sources = [...runs.flatMap(({ inputs }) => inputs), ...[...results, ...updates].map(({ source }) => source)]
    const read = sources.flatMap((source) => (source.kind === 'variable' ? [source.variable] : []))
    this.variables = [...read, ...updates.map(({ variable }) => variable)]
    for (const source of sources) {
      if (source.kind !== 'captured') continue
      const { constant, storage, dtype, size } = source.value
      const kept = constant === null ? storage! : new Storage(dtype, size, constant.data.slice())
      backend.hold(kept)
      this.captured.set(source, kept)
    }
  }

  /** Whether its programs are still there as they were and no variable is gone. */
  isCurrent(): boolean {
    return (
      this.plan.runs.every(({ program, steps }) => program.steps === steps) &&
      this.variables.every((variable) => !variable.isDisposed)
    )
  }

  run(inputs: Tensor[]): Tensor[] {
    const { backend, plan } = this
    const outputs: Storage[][] = []
    const storageOf = (source: Source): Storage => {
      switch (source.kind) {
        case 'argument':
          return backend.storedValue(inputs[source.index]!)!.storage!
        case 'variable':
          return backend.storedValue(source.variable)!.storage!
        case 'output':
          return outputs[source.run]![source.output]!
        case 'captured':
          return this.captured.get(source)!
      }
    }
    for (const run of plan.runs) outputs.push(backend.runAgain(run.program, run.inputs.map(storageOf), run.outputs))
    // All before any variable changes: they are from before the step.
    const tensor = (source: Source, shape: number[]) => tensorOf(backend.tensorOver(storageOf(source), shape))
    const results = plan.results.map(({ source, shape }) => tensor(source, shape))
    const values = plan.updates.map(({ source, variable }) => tensor(source, variable.shape))
    plan.updates.forEach(({ variable }, i) => assign(variable, values[i]!))
    for (const storage of outputs.flat()) backend.letGo(storage)
    backend.countReplay()
    return results
  }

  dispose(): void {
    for (const storage of this.captured.values()) this.backend.letGo(storage)
  }
}

const tensorOf = (info: TensorInfo): Tensor => engine().makeTensorFromTensorInfo(info)

function assign(variable: Variable, value: Tensor): void {
  variable.assign(value)
  value.dispose()
}
