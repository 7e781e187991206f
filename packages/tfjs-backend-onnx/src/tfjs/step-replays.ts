import { Tensor, type Variable, engine } from '@tensorflow/tfjs-core'
import type { Recorder } from '../graph/recorder'
import type { Storage } from '../graph/storage'
import { Value } from '../graph/value'
import type { Execution } from '../runtime/execution'
import { type Plan, Recording, samePlan } from '../runtime/recording'
import { Replay } from '../runtime/replay'

/** What replays need of a backend. */
export interface ReplayHost {
  readonly recorder: Recorder
  readonly execution: Execution
  readonly readCount: number
  flush(): void
  storedValue(tensor: Tensor): Value | undefined
  /** A new tensor over a value. */
  tensorOf(value: Value): Tensor
  countReplay(): void
}

/** So many kinds of a step are kept, by shapes, and so many keys of each. */
const most = 16

/** A step of a backend: recorded until it is known to repeat itself, and replayed from then on. */
export class StepReplays {
  private readonly kinds = new Map<string, Kind>()

  constructor(private readonly host: ReplayHost) {}

  /** @param run the step, on these inputs; @param key what it depends on besides */
  call<R>(inputs: readonly Tensor[], key: string | number, run: () => R): R {
    const { host } = this
    if (engine().state.gradientDepth > 0) return run()
    // Arguments are inputs, not part of the graph.
    host.flush()
    if (inputs.some((tensor) => host.storedValue(tensor) === undefined)) return run()
    const name = JSON.stringify(inputs.map(({ shape, dtype }) => [shape, dtype]))
    const kind = latest(
      this.kinds,
      name,
      () => new Kind(host),
      (old) => old.dispose(),
    )
    return kind.call(inputs, key, run)
  }

  dispose(): void {
    for (const kind of this.kinds.values()) kind.dispose()
    this.kinds.clear()
  }
}

/** An entry of a map, which is its latest then; the oldest go. */
function latest<K, V>(map: Map<K, V>, name: K, make: () => V, drop: (old: V) => void): V {
  const entry = map.get(name) ?? make()
  map.delete(name)
  map.set(name, entry)
  if (map.size > most) {
    const [oldest, dropped] = map.entries().next().value!
    map.delete(oldest)
    drop(dropped)
  }
  return entry
}

function listOf(results: unknown): Tensor[] {
  const list: unknown[] = Array.isArray(results) ? results : results === undefined ? [] : [results]
  if (list.every((result) => result instanceof Tensor)) return list
  throw new Error('replayed: the step must return a tensor, a list of tensors, or nothing.')
}

/** What was last recorded under a key, and its replay, once another call agreed. */
interface Keyed {
  plan: Plan<Variable> | null
  replay: Replay<Variable> | null
}

/** Calls of a step with the same shapes. */
class Kind {
  private readonly keys = new Map<string | number, Keyed>()
  /** What the call before did, whatever its key. */
  private before: Keyed = { plan: null, replay: null }
  /** The shapes of what the step returns, and whether that is a list. */
  private shapes: number[][] = []
  private isList = false

  constructor(private readonly host: ReplayHost) {}

  call<R>(inputs: readonly Tensor[], key: string | number, run: () => R): R {
    const keyed = latest(
      this.keys,
      key,
      (): Keyed => ({ plan: null, replay: null }),
      (old) => this.drop(old),
    )
    if (keyed.replay !== null && !this.isCurrent(keyed.replay)) this.drop(keyed)
    if (keyed.replay === null) return this.record(inputs, keyed, run)
    this.before = keyed
    const results = this.repeat(keyed.replay, inputs)
    return (this.isList ? results : results[0]) as R
  }

  /** Whether the programs are still there, and what the step used besides its arguments. */
  private isCurrent(replay: Replay<Variable>): boolean {
    return replay.isCurrent() && replay.variables.every((variable) => !variable.isDisposed)
  }

  private record<R>(inputs: readonly Tensor[], keyed: Keyed, run: () => R): R {
    const { host } = this
    const { execution } = host
    const [reads, tensors] = [host.readCount, engine().state.numTensors]
    const values = inputs.map((tensor) => host.storedValue(tensor)!)
    const recording = new Recording(execution, values, this.variables())
    try {
      execution.observer = recording
      const results = run()
      host.flush()
      execution.observer = null
      const list = listOf(results)
      const isClean = host.readCount === reads && engine().state.numTensors === tensors + list.length
      const left = list.map((tensor) => host.storedValue(tensor)!)
      const plan = isClean ? recording.plan(left, this.variables()) : null
      keyed.replay = plan && this.replayOf(plan, keyed)
      keyed.plan = plan
      this.before = keyed
      this.shapes = list.map(({ shape }) => [...shape])
      this.isList = Array.isArray(results)
      return results
    } finally {
      execution.observer = null
      recording.close()
    }
  }

  /** The replay of a step that agrees with the call before it, or with the one before it of the same key. */
  private replayOf(plan: Plan<Variable>, keyed: Keyed): Replay<Variable> | null {
    const { before, host } = this
    if (before.replay !== null && this.isCurrent(before.replay) && before.replay.repeats(plan)) return before.replay
    const agrees = [before.plan, keyed.plan].some((other) => other !== null && samePlan(plan, other))
    return agrees ? new Replay(host.execution, host.recorder, plan) : null
  }

  private variables(): Map<Variable, Value | undefined> {
    const variables = Object.values(engine().registeredVariables)
    return new Map(variables.map((variable) => [variable, this.host.storedValue(variable)]))
  }

  private repeat(replay: Replay<Variable>, inputs: readonly Tensor[]): Tensor[] {
    const { host } = this
    const storageOf = (tensor: Tensor) => host.storedValue(tensor)!.storage!
    const { results, updates, release } = replay.run(inputs.map(storageOf), storageOf)
    // All before any variable changes: they are from before the step.
    const left = results.map((storage, i) => this.tensorOver(storage, this.shapes[i]!))
    const values = updates.map(({ storage, variable }) => this.tensorOver(storage, variable.shape))
    updates.forEach(({ variable }, i) => {
      variable.assign(values[i]!)
      values[i]!.dispose()
    })
    release()
    host.countReplay()
    return left
  }

  /** A new tensor over a buffer. */
  private tensorOver(storage: Storage, shape: number[]): Tensor {
    const value = new Value(shape, storage.dtype)
    value.storage = storage
    return this.host.tensorOf(value)
  }

  /** Forgets what is known of a key, and the replay if no other key has it. */
  private drop(keyed: Keyed): void {
    const { replay } = keyed
    keyed.plan = keyed.replay = null
    if (replay !== null && ![...this.keys.values()].some((other) => other.replay === replay)) replay.dispose()
  }

  dispose(): void {
    for (const keyed of this.keys.values()) this.drop(keyed)
    this.keys.clear()
  }
}
