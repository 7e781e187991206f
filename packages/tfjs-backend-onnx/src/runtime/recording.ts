import type { Storage } from '../graph/storage'
import type { GraphType, TypedArray, Value } from '../graph/value'
import { contentKey } from './content-key'
import type { Execution, Observer } from './execution'
import type { Program } from './program-cache'

/** A graph that ran while a step was recorded. */
interface Run {
  program: Program
  /** The program as it was built then. */
  steps: Program['steps']
  inputs: readonly Value[]
  outputs: readonly Value[]
}

/** Where the elements of an input, or of what a step leaves behind, come from. `V`: what callers know a variable by. */
export type Source<V> =
  | { kind: 'argument'; index: number }
  | { kind: 'variable'; variable: V }
  /** Output number `output` of run number `run`. */
  | { kind: 'output'; run: number; output: number }
  /** Made by entry `index` of `Plan.renewed`. */
  | { kind: 'renewed'; index: number }
  /** Anything else: the same in every replay. */
  | { kind: 'captured'; value: Value; content: string }

/** Elements that every replay makes anew, in the order in which the step asked for them. */
export interface Renewed {
  make(): TypedArray
  dtype: GraphType
  size: number
}

/** What of a recorded step has to be done again. */
export interface Plan<V> {
  renewed: Renewed[]
  runs: {
    program: Program
    steps: Program['steps']
    inputs: Source<V>[]
    outputs: { dtype: GraphType; size: number }[]
  }[]
  results: Source<V>[]
  updates: { source: Source<V>; variable: V }[]
}

/** What variables stand for; undefined if they are on another backend. */
export type VariableValues<V> = ReadonlyMap<V, Value | undefined>

/** Watches a step and says what came from where. */
export class Recording<V> implements Observer {
  private readonly runs: Run[] = []
  /** What was on the host when it was first used, by content: then it goes to the device. */
  private readonly contents = new Map<Storage, string>()
  private readonly sources = new Map<Value, Source<V> | 'several'>()
  /** Buffers that inputs were in; they stay until the recording is closed. */
  private readonly held: Storage[] = []
  private readonly renewed: Renewed[] = []

  constructor(
    private readonly execution: Pick<Execution, 'hold' | 'unhold'>,
    inputs: readonly Value[],
    private readonly before: VariableValues<V>,
  ) {
    inputs.forEach((value, index) => this.comesFrom(value, { kind: 'argument', index }))
    for (const [variable, value] of before) if (value) this.comesFrom(value, { kind: 'variable', variable })
  }

  private comesFrom(value: Value, source: Source<V>): void {
    this.sources.set(value, this.sources.has(value) ? 'several' : source)
  }

  renews(value: Value, make: () => TypedArray): void {
    this.comesFrom(value, { kind: 'renewed', index: this.renewed.length })
    this.renewed.push({ make, dtype: value.dtype, size: value.size })
  }

  /** Called before a graph runs. */
  add(program: Program, inputs: readonly Value[], outputs: readonly Value[]): void {
    for (const { storage, constant } of inputs) {
      if (storage === null || constant !== null) continue
      this.execution.hold(storage)
      this.held.push(storage)
      if (storage.host && !this.contents.has(storage)) this.contents.set(storage, contentKey(storage.host))
    }
    outputs.forEach((value, output) => this.comesFrom(value, { kind: 'output', run: this.runs.length, output }))
    this.runs.push({ program, steps: program.steps, inputs, outputs })
  }

  /**
   * What to do again, once the step is over; null where a replay would not do what the step did: it made variables, keeps a
   * tensor that is not in a variable, or one tensor was several of its inputs.
   */
  plan(results: readonly Value[], after: VariableValues<V>): Plan<V> | null {
    if (after.size !== this.before.size || [...after.keys()].some((v) => !this.before.has(v))) return null
    for (const [value, source] of [...this.sources]) this.spread(value, source)
    const sources = (values: readonly Value[]) => values.map((value) => this.sourceOf(value))
    const changed = [...after].filter(([variable, value]) => value !== this.before.get(variable))
    const runs = this.runs.map(({ inputs }) => sources(inputs))
    const left = sources(results)
    const news = sources(changed.map(([, value]) => value!))
    const all = [...runs.flat(), ...left, ...news]
    if (all.includes(null) || this.keepsMore(all as Source<V>[])) return null
    return {
      renewed: this.renewed,
      runs: this.runs.map(({ program, steps, outputs }, i) => ({
        program,
        steps,
        inputs: runs[i] as Source<V>[],
        outputs: outputs.map(({ dtype, size }) => ({ dtype, size })),
      })),
      results: left as Source<V>[],
      updates: changed.map(([variable], i) => ({ source: news[i]!, variable })),
    }
  }

  /** Lets go what it held. */
  close(): void {
    for (const storage of this.held) this.execution.unhold(storage)
  }

  /** What holds for a value holds for its other shapes. */
  private spread(value: Value, source: Source<V> | 'several'): void {
    for (const view of value.views?.values() ?? []) {
      this.sources.set(view, source)
      this.spread(view, source)
    }
  }

  private sourceOf(value: Value): Source<V> | null {
    const source = this.sources.get(value)
    if (source !== undefined) return source === 'several' ? null : source
    return { kind: 'captured', value, content: this.contentOf(value) }
  }

  private contentOf({ constant, storage }: Value): string {
    if (constant !== null) return constant.data.join()
    return this.contents.get(storage!) ?? `buffer ${storage!.id}`
  }

  /** Whether the step left tensors somewhere that is not among the sources of what it is known to leave. */
  private keepsMore(known: readonly Source<V>[]): boolean {
    const taken = new Set(
      known.flatMap((source) => (source.kind === 'output' ? [`${source.run} ${source.output}`] : [])),
    )
    return this.runs.some(({ outputs }, run) =>
      outputs.some((value, output) => value.storage!.references > 0 && !taken.has(`${run} ${output}`)),
    )
  }
}

function sameSource<V>(a: Source<V>, b: Source<V>): boolean {
  if (a.kind === 'argument') return b.kind === 'argument' && a.index === b.index
  if (a.kind === 'variable') return b.kind === 'variable' && a.variable === b.variable
  if (a.kind === 'output') return b.kind === 'output' && a.run === b.run && a.output === b.output
  if (a.kind === 'renewed') return b.kind === 'renewed' && a.index === b.index
  return (
    b.kind === 'captured' &&
    (a.content === b.content || (a.value.storage !== null && a.value.storage === b.value.storage))
  )
}

const sameList = <T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean =>
  a.length === b.length && a.every((x, i) => same(x, b[i]!))

/** Whether two steps did the same with their arguments and variables, and took the same from elsewhere. */
export const samePlan = <V>(a: Plan<V>, b: Plan<V>): boolean =>
  sameList(a.renewed, b.renewed, (x, y) => x.dtype === y.dtype && x.size === y.size) &&
  sameList(a.runs, b.runs, (x, y) => x.steps === y.steps && sameList(x.inputs, y.inputs, sameSource)) &&
  sameList(a.results, b.results, sameSource) &&
  sameList(a.updates, b.updates, (x, y) => x.variable === y.variable && sameSource(x.source, y.source))
