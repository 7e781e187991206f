import { createHash } from 'node:crypto'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import type { OnnxBackend } from './backend'
import type { Storage } from './graph/storage'
import { type Value, rawBytes } from './graph/value'
import type { Program } from './sessions'

/** A graph that ran while a step was recorded. */
interface Run {
  program: Program
  /** The program as it was built then. */
  steps: Program['steps']
  inputs: readonly Value[]
  outputs: readonly Value[]
}

/** Where the elements of an input, or of what a step leaves behind, come from. */
export type Source =
  | { kind: 'argument'; index: number }
  | { kind: 'variable'; variable: Variable }
  /** Output number `output` of run number `run`. */
  | { kind: 'output'; run: number; output: number }
  /** Anything else: the same in every replay. */
  | { kind: 'captured'; value: Value; content: string }

/** What of a recorded step has to be done again. */
export interface Plan {
  runs: {
    program: Program
    steps: Program['steps']
    inputs: Source[]
    outputs: { dtype: Value['dtype']; size: number }[]
  }[]
  results: { source: Source; shape: number[] }[]
  updates: { source: Source; variable: Variable }[]
}

/** Watches a step and says what came from where. */
export class Recording {
  private readonly runs: Run[] = []
  /** Digests of what was on the host when it was first used: then it goes to the device. */
  private readonly digests = new Map<Storage, string>()
  private readonly sources = new Map<Value, Source | 'several'>()
  /** What the variables were; undefined if they are on another backend. */
  private readonly before: ReadonlyMap<Variable, Value | undefined>
  /** Buffers that inputs were in; they stay until the recording is closed. */
  private readonly held: Storage[] = []

  constructor(
    private readonly backend: Pick<OnnxBackend, 'storedValue' | 'hold' | 'letGo'>,
    inputs: readonly Tensor[],
    variables: readonly Variable[],
  ) {
    this.before = new Map(variables.map((variable) => [variable, backend.storedValue(variable)]))
    inputs.forEach((tensor, index) => this.comesFrom(backend.storedValue(tensor)!, { kind: 'argument', index }))
    for (const [variable, value] of this.before) if (value) this.comesFrom(value, { kind: 'variable', variable })
  }

  private comesFrom(value: Value, source: Source): void {
    this.sources.set(value, this.sources.has(value) ? 'several' : source)
  }

  /** Called before a graph runs. */
  add(program: Program, inputs: readonly Value[], outputs: readonly Value[]): void {
    for (const { storage, constant } of inputs) {
      if (storage === null || constant !== null) continue
      this.backend.hold(storage)
      this.held.push(storage)
      if (storage.host && !this.digests.has(storage)) {
        this.digests.set(storage, createHash('sha256').update(rawBytes(storage.host)).digest('base64'))
      }
    }
    outputs.forEach((value, output) => this.comesFrom(value, { kind: 'output', run: this.runs.length, output }))
    this.runs.push({ program, steps: program.steps, inputs, outputs })
  }

  /**
   * What to do again, once the step is over; null where a replay would not do what the step did: it made variables, keeps a tensor
   * that is not in a variable, or one tensor was several of its inputs.
   */
  plan(results: readonly Tensor[], variables: readonly Variable[]): Plan | null {
    if (variables.length !== this.before.size || variables.some((v) => !this.before.has(v))) return null
    for (const [value, source] of [...this.sources]) this.spread(value, source)
    const sources = (values: readonly Value[]) => values.map((value) => this.sourceOf(value))
    const changed = variables.filter((v) => this.backend.storedValue(v) !== this.before.get(v))
    const runs = this.runs.map(({ inputs }) => sources(inputs))
    const [left, news] = [results, changed].map((tensors) => sources(tensors.map((t) => this.backend.storedValue(t)!)))
    const all = [...runs.flat(), ...left!, ...news!]
    if (all.includes(null) || this.keepsMore(all as Source[])) return null
    return {
      runs: this.runs.map(({ program, steps, outputs }, i) => ({
        program,
        steps,
        inputs: runs[i] as Source[],
        outputs: outputs.map(({ dtype, size }) => ({ dtype, size })),
      })),
      results: results.map(({ shape }, i) => ({ source: left![i]!, shape: [...shape] })),
      updates: changed.map((variable, i) => ({ source: news![i]!, variable })),
    }
  }

  /** Lets go what it held. */
  close(): void {
    for (const storage of this.held) this.backend.letGo(storage)
  }

  /** What holds for a value holds for its other shapes. */
  private spread(value: Value, source: Source | 'several'): void {
    for (const view of value.views?.values() ?? []) {
      this.sources.set(view, source)
      this.spread(view, source)
    }
  }

  private sourceOf(value: Value): Source | null {
    const source = this.sources.get(value)
    if (source !== undefined) return source === 'several' ? null : source
    return { kind: 'captured', value, content: this.contentOf(value) }
  }

  private contentOf({ constant, storage }: Value): string {
    if (constant !== null) return constant.data.join()
    return this.digests.get(storage!) ?? `buffer ${storage!.id}`
  }

  /** Whether the step left tensors somewhere that is not among the sources of what it is known to leave. */
  private keepsMore(known: readonly Source[]): boolean {
    const taken = new Set(
      known.flatMap((source) => (source.kind === 'output' ? [`${source.run} ${source.output}`] : [])),
    )
    return this.runs.some(({ outputs }, run) =>
      outputs.some((value, output) => value.storage!.references > 0 && !taken.has(`${run} ${output}`)),
    )
  }
}

function sameSource(a: Source, b: Source): boolean {
  if (a.kind === 'argument') return b.kind === 'argument' && a.index === b.index
  if (a.kind === 'variable') return b.kind === 'variable' && a.variable === b.variable
  if (a.kind === 'output') return b.kind === 'output' && a.run === b.run && a.output === b.output
  return (
    b.kind === 'captured' &&
    (a.content === b.content || (a.value.storage !== null && a.value.storage === b.value.storage))
  )
}

const sameList = <T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean =>
  a.length === b.length && a.every((x, i) => same(x, b[i]!))

/** Whether two steps did the same with their arguments and variables, and took the same from elsewhere. */
export const samePlan = (a: Plan, b: Plan): boolean =>
  sameList(a.runs, b.runs, (x, y) => x.steps === y.steps && sameList(x.inputs, y.inputs, sameSource)) &&
  sameList(a.results, b.results, (x, y) => sameSource(x.source, y.source)) &&
  sameList(a.updates, b.updates, (x, y) => x.variable === y.variable && sameSource(x.source, y.source))
