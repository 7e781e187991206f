import { Tensor, type Variable, engine, getBackend, tidy } from '@tensorflow/tfjs-core'
import type { Storage } from '../graph/storage'
import { Value } from '../graph/value'
import { type Plan, Recording, samePlan } from '../runtime/recording'
import { Replay } from '../runtime/replay'
import type { OnnxBackend } from './backend'
import { backendName } from './backend-name'
import { onnxBackend } from './register'

/** A step that need not be recorded every time. */
export interface ReplayedStep<A extends Tensor[], R> {
  (...inputs: A): R
  /** Lets go what replays keep: recorded steps and the buffers they captured. The step may be called again. */
  dispose(): void
}

export interface ReplayOptions {
  /**
   * Names what the step depends on besides arguments and variables, as a learning rate that changes from time to time. A step is
   * recorded anew for every other key.
   */
  key?: () => string | number
}

/** So many kinds of a step, by key and shapes, are kept. */
const maxKinds = 16

/**
 * Makes a step, one that trains say, that is recorded a few times and then replayed: it runs the same graphs on other arguments
 * and variables, without calling the function. It saves the time that TensorFlow.js takes to record (a few percent of a step).
 *
 * The function must do the same every time. What it computes may depend on its arguments, on variables (`tf.Variable`; their new
 * values are part of what is replayed) and on nothing else, unless `key` names it: JavaScript's numbers and other tensors are as
 * they were when it was recorded. It is replayed once two calls in a row, with equal shapes and keys, agree in all they took from
 * elsewhere; a step that draws random numbers, reads a tensor, or keeps tensors that are not in variables never is, and runs as
 * it always did. So do calls inside `tf.grads` and calls on other backends.
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
  private latest: Plan<Variable> | null = null
  private replay: Replay<Variable> | null = null
  /** The shapes of what the step returns, and whether that is a list. */
  private shapes: number[][] = []
  private isList = false

  constructor(private readonly backend: OnnxBackend) {}

  call<R>(inputs: Tensor[], run: () => R): R {
    if (this.replay !== null && !this.isCurrent(this.replay)) this.dispose()
    if (this.replay === null) return this.record(inputs, run)
    const results = this.repeat(this.replay, inputs)
    return (this.isList ? results : results[0]) as R
  }

  /** Whether the programs are still there and no variable is gone. */
  private isCurrent(replay: Replay<Variable>): boolean {
    return replay.isCurrent() && replay.variables.every((variable) => !variable.isDisposed)
  }

  private record<R>(inputs: Tensor[], run: () => R): R {
    const { backend } = this
    const { execution } = backend
    const [reads, tensors] = [backend.readCount, engine().state.numTensors]
    const values = inputs.map((tensor) => backend.storedValue(tensor)!)
    const recording = new Recording(execution, values, this.variables())
    try {
      execution.observer = recording
      const results = run()
      backend.flush()
      execution.observer = null
      const list = listOf(results)
      const isClean = backend.readCount === reads && engine().state.numTensors === tensors + list.length
      const left = list.map((tensor) => backend.storedValue(tensor)!)
      const plan = isClean ? recording.plan(left, this.variables()) : null
      if (plan !== null && this.latest !== null && samePlan(plan, this.latest))
        this.replay = new Replay(execution, backend.recorder, plan)
      this.latest = this.replay === null ? plan : null
      this.shapes = list.map(({ shape }) => [...shape])
      this.isList = Array.isArray(results)
      return results
    } finally {
      execution.observer = null
      recording.close()
    }
  }

  private variables(): Map<Variable, Value | undefined> {
    const variables = Object.values(engine().registeredVariables)
    return new Map(variables.map((variable) => [variable, this.backend.storedValue(variable)]))
  }

  private repeat(replay: Replay<Variable>, inputs: Tensor[]): Tensor[] {
    const { backend } = this
    const storageOf = (tensor: Tensor) => backend.storedValue(tensor)!.storage!
    const { results, updates, release } = replay.run(inputs.map(storageOf), storageOf)
    // All before any variable changes: they are from before the step.
    const left = results.map((storage, i) => this.tensorOver(storage, this.shapes[i]!))
    const values = updates.map(({ storage, variable }) => this.tensorOver(storage, variable.shape))
    updates.forEach(({ variable }, i) => {
      variable.assign(values[i]!)
      values[i]!.dispose()
    })
    release()
    backend.countReplay()
    return left
  }

  /** A new tensor over a buffer. */
  private tensorOver(storage: Storage, shape: number[]): Tensor {
    const value = new Value(shape, storage.dtype)
    value.storage = storage
    return engine().makeTensorFromTensorInfo(this.backend.tensor(value))
  }

  dispose(): void {
    this.replay?.dispose()
    this.replay = this.latest = null
  }
}
