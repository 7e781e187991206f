import { type GraphType, type TypedArray, bytesPerElement, rawBytes } from '../graph/value'
import { BufferPool } from './buffer-pool'
import type { Device, DeviceStats, Port, ProgramSource, SessionOptions } from './device'
import { type OrtSession, type OrtTensor, loadOrt } from './ort'
import { describeFailure, sessionOptions } from './session-options'

interface Program {
  session: OrtSession
  inputs: readonly Port[]
  outputs: readonly Port[]
}

interface DeviceBuffer {
  data: TypedArray
  /** What a program computed goes back to the pool; uploads bring buffers of their own and would only fill it. */
  pooled: boolean
  /** ONNX Runtime's tensors over the buffer, by shape. */
  tensors: Map<string, OrtTensor>
}

function viewOf(dtype: GraphType, buffer: ArrayBuffer): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'bool':
      return new Uint8Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
  }
}

/** Runs programs on the calling thread. */
export class LocalDevice implements Device {
  readonly concurrent = false
  private readonly buffers = new Map<number, DeviceBuffer | Error>()
  private readonly programs = new Map<number, Program | Error>()
  private readonly pool: BufferPool
  private readonly counters = { builds: 0, buildMs: 0, runs: 0, runMs: 0 }

  constructor(private readonly options: SessionOptions) {
    this.pool = new BufferPool(options.poolBytes)
  }

  write(id: number, data: TypedArray): void {
    this.buffers.set(id, { data, pooled: false, tensors: new Map() })
  }

  build(program: number, { model, inputs, outputs, constants }: ProgramSource): void {
    const start = performance.now()
    try {
      // ONNX Runtime makes copies: the buffers may go before the program does.
      const externalData = constants.map(({ name, id }) => ({ path: name, data: rawBytes(this.buffer(id).data) }))
      const session = new (loadOrt().binding.InferenceSession)()
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        ...sessionOptions(this.options),
        externalData,
      })
      this.programs.set(program, { session, inputs, outputs })
    } catch (cause) {
      this.programs.set(program, describeFailure(cause, 'could not build a session', this.options))
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
    if (program === undefined) throw new Error(`tfjs-backend-onnx: program ${id} was not built`)
    if (program instanceof Error) throw program
    const feeds: Record<string, OrtTensor> = {}
    const fetches: Record<string, OrtTensor> = {}
    program.inputs.forEach((port, i) => (feeds[port.name] = this.tensor(inputs[i]!, port)))
    program.outputs.forEach((port, i) => {
      const bytes = port.shape.reduce((n, d) => n * d, bytesPerElement[port.dtype])
      const data = viewOf(port.dtype, this.pool.take(bytes))
      this.buffers.set(outputs[i]!, { data, pooled: true, tensors: new Map() })
      fetches[port.name] = this.tensor(outputs[i]!, port)
    })
    const start = performance.now()
    try {
      program.session.run(feeds, fetches, {})
    } catch (cause) {
      throw describeFailure(cause, 'could not run a graph', this.options)
    }
    this.counters.runs++
    this.counters.runMs += performance.now() - start
  }

  private buffer(id: number): DeviceBuffer {
    const buffer = this.buffers.get(id)
    if (buffer === undefined) throw new Error('tfjs-backend-onnx: a tensor is read after it was disposed')
    if (buffer instanceof Error) throw buffer
    return buffer
  }

  private tensor(id: number, { dtype, shape }: Port): OrtTensor {
    const buffer = this.buffer(id)
    const key = shape.join()
    let tensor = buffer.tensors.get(key)
    if (tensor === undefined) buffer.tensors.set(key, (tensor = new (loadOrt().Tensor)(dtype, buffer.data, shape)))
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
    if (this.options.profile) program.session.endProfiling()
    program.session.dispose()
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
  }
}
