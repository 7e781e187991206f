import { type TypedArray, rawBytes, viewOf } from '../../graph/value'
import { BufferPool } from '../buffer-pool'
import type { Device, DeviceStats, Port, ProgramSource, SessionOptions } from '../device'
import { OnnxError } from '../errors'
import { channelBlock } from './channel-block'
import type { OrtSession, OrtTensor } from './ort'
import { Sessions, byteLengthOf } from './session'
import { Team, large } from './team'

interface Program {
  session: OrtSession
  inputs: readonly Port[]
  outputs: readonly Port[]
  /** In how many parts it runs; this thread has the first. */
  parts: number
}

interface DeviceBuffer {
  data: TypedArray
  /** What a program computed goes back to the pool; uploads bring buffers of their own and would only fill it. */
  pooled: boolean
  /** ONNX Runtime's tensors over the buffer, by shape. */
  tensors: Map<string, OrtTensor>
}

/** Runs programs on the calling thread, and where they have parts on those of a team. */
export class LocalDevice implements Device {
  readonly concurrent = false
  readonly parts = 1
  readonly provider: string
  private readonly buffers = new Map<number, DeviceBuffer | Error>()
  private readonly programs = new Map<number, Program | Error>()
  private readonly pool: BufferPool
  private readonly sessions: Sessions
  private readonly team: Team
  private readonly counters = { builds: 0, buildMs: 0, runs: 0, runMs: 0 }

  constructor(private readonly options: SessionOptions) {
    this.provider = options.executionProviders[0] ?? 'cpu'
    this.pool = new BufferPool(options.poolBytes)
    this.sessions = new Sessions(options)
    this.team = new Team(options)
  }

  channelBlock(): number | null {
    return channelBlock(this.options.executionProviders)
  }

  write(id: number, data: TypedArray): void {
    this.buffers.set(id, { data, pooled: false, tensors: new Map() })
  }

  build(program: number, source: ProgramSource): void {
    const { inputs, outputs, parts } = source
    const start = performance.now()
    try {
      const constants = source.constants.map(({ name, id }) => ({ path: name, data: rawBytes(this.buffer(id).data) }))
      const count = parts?.count ?? 1
      const atOnce = !large(constants)
      if (parts && atOnce) this.team.build(program, source, constants)
      try {
        const session = this.sessions.create(source, constants, count)
        this.programs.set(program, { session, inputs, outputs, parts: count })
        if (parts && !atOnce) this.team.build(program, source, constants)
      } finally {
        if (parts) this.team.built()
      }
    } catch (error) {
      this.disposeProgram(program)
      // Others may have what could not be built here.
      this.team.dispose(program)
      this.programs.set(program, error as Error)
    }
    this.counters.builds++
    this.counters.buildMs += performance.now() - start
  }

  run(id: number, inputs: readonly number[], outputs: readonly number[]): void {
    try {
      this.tryRun(id, inputs, outputs)
    } catch (error) {
      this.free(outputs)
      for (const output of outputs) this.buffers.set(output, error as Error)
    }
  }

  private tryRun(id: number, inputs: readonly number[], outputs: readonly number[]): void {
    const program = this.programs.get(id)
    if (program === undefined) throw new OnnxError('run-failed', `program ${id} was not built`)
    if (program instanceof Error) throw program
    const feeds: Record<string, OrtTensor> = {}
    const fetches: Record<string, OrtTensor> = {}
    program.inputs.forEach((port, i) => (feeds[port.name] = this.tensor(inputs[i]!, port)))
    program.outputs.forEach((port, i) => {
      const data = viewOf(port.dtype, this.pool.take(program.parts * byteLengthOf(port)))
      this.buffers.set(outputs[i]!, { data, pooled: true, tensors: new Map() })
      fetches[port.name] = this.tensor(outputs[i]!, port)
    })
    const start = performance.now()
    if (program.parts === 1) this.sessions.run(program.session, feeds, fetches)
    else {
      const arrays = (ids: readonly number[]) => ids.map((buffer) => this.buffer(buffer).data)
      this.team.start(id, arrays(inputs))
      try {
        this.sessions.run(program.session, feeds, fetches)
      } finally {
        this.team.finish(id, arrays(outputs))
      }
    }
    this.counters.runs++
    this.counters.runMs += performance.now() - start
  }

  private buffer(id: number): DeviceBuffer {
    const buffer = this.buffers.get(id)
    if (buffer === undefined) throw new OnnxError('tensor-disposed', 'a tensor is read after it was disposed')
    if (buffer instanceof Error) throw buffer
    return buffer
  }

  /** ONNX Runtime's tensor over a buffer, or over the first part of one. */
  private tensor(id: number, port: Port): OrtTensor {
    const { data, tensors } = this.buffer(id)
    const key = port.shape.join()
    let tensor = tensors.get(key)
    if (tensor === undefined) tensors.set(key, (tensor = this.sessions.tensorOver(data, port)))
    return tensor
  }

  free(ids: readonly number[]): void {
    for (const id of ids) {
      const buffer = this.buffers.get(id)
      if (buffer === undefined) continue
      this.buffers.delete(id)
      if (!(buffer instanceof Error) && buffer.pooled) this.pool.give(buffer.data.buffer as ArrayBuffer)
    }
  }

  disposeProgram(id: number): void {
    const program = this.programs.get(id)
    this.programs.delete(id)
    if (program === undefined || program instanceof Error) return
    this.sessions.dispose(program.session)
    this.team.dispose(id)
  }

  readSync(id: number): TypedArray {
    return this.buffer(id).data.slice()
  }

  async read(id: number): Promise<TypedArray> {
    return this.readSync(id)
  }

  stats(): DeviceStats {
    return { ...this.counters, poolBytes: this.pool.bytes, buffers: this.buffers.size }
  }

  close(): void {
    for (const id of [...this.programs.keys()]) this.disposeProgram(id)
    this.buffers.clear()
    this.team.close()
  }
}
