import type { Storage } from '../graph/storage'
import type { Recorder } from '../graph/recorder'
import type { Execution } from './execution'
import type { Plan, Source } from './recording'

/** What a replay leaves behind; whoever takes it over says `release` afterwards. */
export interface Replayed<V> {
  results: Storage[]
  updates: { variable: V; storage: Storage }[]
  release(): void
}

/** A plan with all that it needs at hand. */
export class Replay<V> {
  private readonly captured = new Map<Source<V>, Storage>()
  /** The variables that it reads or changes. */
  readonly variables: readonly V[]

  constructor(
    private readonly execution: Execution,
    recorder: Recorder,
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
      execution.hold(kept)
      this.captured.set(source, kept)
    }
  }

  /** Whether its programs are still there as they were. */
  isCurrent(): boolean {
    return this.plan.runs.every(({ program, steps }) => program.steps === steps)
  }

  /** Runs the plan's graphs on other arguments, and on what the variables are now. */
  run(inputs: readonly Storage[], variable: (variable: V) => Storage): Replayed<V> {
    const { execution, plan } = this
    const outputs: Storage[][] = []
    const storageOf = (source: Source<V>): Storage => {
      switch (source.kind) {
        case 'argument':
          return inputs[source.index]!
        case 'variable':
          return variable(source.variable)
        case 'output':
          return outputs[source.run]![source.output]!
        case 'captured':
          return this.captured.get(source)!
      }
    }
    for (const run of plan.runs) outputs.push(execution.runAgain(run.program, run.inputs.map(storageOf), run.outputs))
    return {
      results: plan.results.map(storageOf),
      updates: plan.updates.map(({ source, variable }) => ({ variable, storage: storageOf(source) })),
      release: () => outputs.flat().forEach((storage) => execution.letGo(storage)),
    }
  }

  dispose(): void {
    for (const storage of this.captured.values()) this.execution.letGo(storage)
  }
}
