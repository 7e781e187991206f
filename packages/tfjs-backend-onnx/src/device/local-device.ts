import { type GraphType, type TypedArray, bytesPerElement } from '../graph/value'
import { BufferPool } from './buffer-pool'
import type { Device, DeviceStats, Port, ProgramSource, SessionOptions } from './device'
import { type OrtSession, type OrtTensor, loadOrt } from './ort'

interface Program {
  session: OrtSession
  inputs: readonly Port[]
  outputs: readonly Port[]
}

interface DeviceBuffer {
  data: TypedArray
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
  private readonly buffers = new Map<number, DeviceBuffer>()
  private readonly programs = new Map<number, Program>()
  private readonly pool: BufferPool
  private readonly counters = { builds: 0, buildMs: 0, runs: 0, runMs: 0 }

  constructor(private readonly options: SessionOptions) {
    this.pool = new BufferPool(options.poolBytes)
  }

  write(id: number, data: TypedArray): void {
    this.buffers.set(id, { data, tensors: new Map() })
  }

  build(program: number, { model, inputs, outputs }: ProgramSource): void {
    const start = performance.now()
    const session = new (loadOrt().binding.InferenceSession)()
    const { threads, executionProviders, spinning, profile } = this.options
    try {
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        executionProviders,
        enableCpuMemArena: true,
        enableMemPattern: false,
        extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
        ...(profile && { enableProfiling: true, profileFilePrefix: 'tfjs-onnx' }),
      })
    } catch (cause) {
      throw describe(cause, 'could not build a session')
    }
    this.programs.set(program, { session, inputs, outputs })
    this.counters.builds++
    this.counters.buildMs += performance.now() - start
  }

  run(id: number, inputs: readonly number[], outputs: readonly number[]): void {
    const program = this.programs.get(id)
    if (program === undefined) throw new Error(`tfjs-backend-onnx: program ${id} was not built`)
    const feeds: Record<string, OrtTensor> = {}
    const fetches: Record<string, OrtTensor> = {}
    program.inputs.forEach((port, i) => (feeds[port.name] = this.tensor(inputs[i]!, port)))
    program.outputs.forEach((port, i) => {
      const bytes = port.shape.reduce((n, d) => n * d, bytesPerElement[port.dtype])
      this.write(outputs[i]!, viewOf(port.dtype, this.pool.take(bytes)))
      fetches[port.name] = this.tensor(outputs[i]!, port)
    })
    const start = performance.now()
    try {
      program.session.run(feeds, fetches, {})
    } catch (cause) {
      this.free(outputs)
      throw describe(cause, 'could not run a graph')
    }
    this.counters.runs++
    this.counters.runMs += performance.now() - start
  }

  private tensor(id: number, { dtype, shape }: Port): OrtTensor {
    const buffer = this.buffers.get(id)
    if (buffer === undefined)
      throw new Error('tfjs-backend-onnx: a tensor was lost because the graph that makes it failed')
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
      const { data } = buffer
      if (data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength) this.pool.give(data.buffer)
    }
  }

  disposeProgram(id: number): void {
    const program = this.programs.get(id)
    if (program === undefined) return
    if (this.options.profile) program.session.endProfiling()
    program.session.dispose()
    this.programs.delete(id)
  }

  readSync(id: number): TypedArray {
    const buffer = this.buffers.get(id)
    if (buffer === undefined)
      throw new Error('tfjs-backend-onnx: a tensor was lost because the graph that makes it failed')
    return buffer.data.slice()
  }

  read(id: number): Promise<TypedArray> {
    return Promise.resolve(this.readSync(id))
  }

  stats(): DeviceStats {
    return { ...this.counters, poolBytes: this.pool.bytes }
  }

  close(): void {
    for (const id of [...this.programs.keys()]) this.disposeProgram(id)
    this.buffers.clear()
  }
}

/** ONNX Runtime names the node that failed; our node names hold the tfjs kernel and its input shapes. */
function describe(cause: unknown, what: string): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  const node = /\d+:(\w+)((?:\[[\d,]*\])+)/.exec(message)
  const where = node ? ` in kernel ${node[1]} on shapes ${node[2]!.replaceAll('][', '], [')}` : ''
  return new Error(`tfjs-backend-onnx: ONNX Runtime ${what}${where}: ${message}`, { cause })
}
