import type { Storage } from '../graph/storage'
import type { Recorder } from '../graph/recorder'
import type { Execution } from './execution'
import { type Plan, type Source, samePlan } from './recording'

/** What a replay leaves behind; whoever takes it over says `release` afterwards. */
export interface Replayed<V> {
  results: Storage[]
  updates: { variable: V; storage: Storage }[]
  release(): void
}

/** A plan with all that it needs at hand. */
export class Replay<V> {
  private readonly captured = new Map<Source<V>, Storage>()
  /** What of that somebody else had, too, when the step was recorded. */
  private readonly owned: Storage[] = []
  /** The variables that it reads or changes. */
  readonly variables: readonly V[]

  constructor(
    private readonly execution: Execution,
    private readonly recorder: Recorder,
    private readonly plan: Plan<V>,
  ) {
    const { runs, results, updates } = plan
    const sources = [...runs.flatMap(({ inputs }) => inputs), ...results, ...updates.map(({ source }) => source)]
    const read = sources.flatMap((source) => (source.kind === 'variable' ? [source.variable] : []))
    this.variables = [...read, ...updates.map(({ variable }) => variable)]
    for (const source of sources) {
      if (source.kind !== 'captured') continue
      const { constant, storage, dtype, size } = source.value
      const kept = constant === null ? storage! : recorder.newStorage(dtype, size, constant.data.slice())
      if (kept.references > kept.holds) this.owned.push(kept)
      execution.hold(kept)
      this.captured.set(source, kept)
    }
  }

  /** Whether its programs are still there as they were, and nobody has let go a tensor that the step used: it may have another now. */
  isCurrent(): boolean {
    return (
      this.plan.runs.every(({ program, steps }) => program.steps === steps) &&
      this.owned.every(({ references, holds }) => references > holds)
    )
  }

  /** Whether a step that was recorded again is the one that this repeats. */
  repeats(plan: Plan<V>): boolean {
    return samePlan(this.plan, plan)
  }

  /** Runs the plan's graphs on other arguments, and on what the variables are now. */
  run(inputs: readonly Storage[], variable: (variable: V) => Storage): Replayed<V> {
    const { execution, plan } = this
    const outputs: Storage[][] = []
    const renewed = plan.renewed.map(({ make, dtype, size }) => {
      const storage = this.recorder.newStorage(dtype, size, make())
      execution.hold(storage)
      return storage
    })
    const storageOf = (source: Source<V>): Storage => {
      switch (source.kind) {
        case 'argument':
          return inputs[source.index]!
        case 'variable':
          return variable(source.variable)
        case 'output':
          return outputs[source.run]![source.output]!
        case 'renewed':
          return renewed[source.index]!
        case 'captured':
          return this.captured.get(source)!
      }
    }
    for (const run of plan.runs) outputs.push(execution.runAgain(run.program, run.inputs.map(storageOf), run.outputs))
    return {
      results: plan.results.map(storageOf),
      updates: plan.updates.map(({ source, variable }) => ({ variable, storage: storageOf(source) })),
      release() {
        for (const storage of outputs.flat()) execution.letGo(storage)
        for (const storage of renewed) execution.unhold(storage)
      },
    }
  }

  dispose(): void {
    for (const storage of this.captured.values()) this.execution.unhold(storage)
    this.captured.clear()
  }
}
