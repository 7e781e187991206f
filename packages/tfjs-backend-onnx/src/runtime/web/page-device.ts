import { type TypedArray, typedArray } from '../../graph/value'
import type { Port, ProgramSource } from '../device'
import { OnnxError } from '../errors'
import { describeFailure } from '../failure'
import type { WebOrt, WebSession, WebTensor } from './ort'

interface Program {
  session: WebSession
  inputs: readonly Port[]
  outputs: readonly Port[]
}

/** Elements that a program or the page made: on the processor, or where a GPU keeps them. */
interface Buffer {
  tensor: WebTensor
  /** The same in other shapes. */
  views: Map<string, WebTensor>
}

/** Element types that stay on a GPU between programs. */
const gpuTypes: ReadonlySet<string> = new Set(['float32', 'int32'])

/** Runs programs in onnxruntime-web, one after the other: where buffers live in a page's worker. */
export class PageDevice {
  private readonly buffers = new Map<number, Buffer | Error>()
  private readonly programs = new Map<number, Program | Error>()
  private readonly counters = { builds: 0, buildMs: 0, runs: 0, runMs: 0 }

  constructor(
    private readonly ort: WebOrt,
    private readonly provider: string,
  ) {}

  /** Hands over a buffer; it belongs to the device from here on. */
  write(id: number, data: TypedArray, dtype: Port['dtype'] = dtypeOf(data)): void {
    this.buffers.set(id, { tensor: new this.ort.Tensor(dtype, data, [data.length]), views: new Map() })
  }

  async build(id: number, source: ProgramSource): Promise<void> {
    const start = performance.now()
    try {
      this.programs.set(id, await this.compile(source))
    } catch (error) {
      this.programs.set(id, error as Error)
    }
    this.counters.builds++
    this.counters.buildMs += performance.now() - start
  }

  private async compile({ model, inputs, outputs, constants, movesTransposes }: ProgramSource): Promise<Program> {
    const external = constants.map(async ({ name, id }) => {
      const { buffer, byteOffset, byteLength } = await this.elements(id)
      return { path: name, data: new Uint8Array(buffer, byteOffset, byteLength) }
    })
    const locations = Object.fromEntries(
      outputs.map(({ name, dtype }) => [name, gpuTypes.has(dtype) ? 'gpu-buffer' : 'cpu']),
    )
    try {
      const session = await this.ort.InferenceSession.create(model, {
        executionProviders: [this.provider],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        enableMemPattern: false,
        // Errors are raised; that a GPU leaves shapes to the processor is none.
        logSeverityLevel: 4,
        externalData: await Promise.all(external),
        ...(!movesTransposes && { extra: { optimization: { disable_specified_optimizers: 'TransposeOptimizer' } } }),
        ...(this.provider === 'webgpu' && { preferredOutputLocation: locations }),
      })
      return { session, inputs, outputs }
    } catch (cause) {
      throw describeFailure(cause, 'build-failed', { executionProviders: [this.provider] })
    }
  }

  async run(id: number, inputs: readonly number[], outputs: readonly number[]): Promise<void> {
    try {
      const program = this.programs.get(id)
      if (program === undefined) throw new OnnxError('run-failed', `program ${id} was not built`)
      if (program instanceof Error) throw program
      await this.start(program, inputs, outputs)
    } catch (error) {
      this.free(outputs)
      for (const output of outputs) this.buffers.set(output, error as Error)
    }
  }

  private async start(program: Program, inputs: readonly number[], outputs: readonly number[]): Promise<void> {
    const feeds: Record<string, WebTensor> = {}
    program.inputs.forEach((port, i) => (feeds[port.name] = this.tensor(inputs[i]!, port)))
    const names = program.outputs.map(({ name }) => name)
    const start = performance.now()
    try {
      const results = await program.session.run(feeds, names)
      names.forEach((name, i) => this.buffers.set(outputs[i]!, { tensor: results[name]!, views: new Map() }))
    } catch (cause) {
      throw describeFailure(cause, 'run-failed', { executionProviders: [this.provider] })
    }
    this.counters.runs++
    this.counters.runMs += performance.now() - start
  }

  private buffer(id: number): Buffer {
    const buffer = this.buffers.get(id)
    if (buffer === undefined) throw new OnnxError('tensor-disposed', 'a tensor is read after it was disposed')
    if (buffer instanceof Error) throw buffer
    return buffer
  }

  /** A buffer's elements in the shape that a program wants. */
  private tensor(id: number, { shape, dtype }: Port): WebTensor {
    const { tensor, views } = this.buffer(id)
    const key = shape.join()
    if (tensor.dims.join() === key) return tensor
    let view = views.get(key)
    if (view === undefined) {
      view =
        tensor.location === 'gpu-buffer'
          ? this.ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: dtype, dims: shape })
          : new this.ort.Tensor(dtype, tensor.data, shape)
      views.set(key, view)
    }
    return view
  }

  private async elements(id: number): Promise<TypedArray> {
    const { tensor } = this.buffer(id)
    return tensor.location === 'cpu' ? tensor.data : tensor.getData()
  }

  /** A copy of a buffer. */
  async read(id: number): Promise<TypedArray> {
    const data = await this.elements(id)
    return this.buffer(id).tensor.location === 'cpu' ? data.slice() : data
  }

  free(ids: readonly number[]): void {
    for (const id of ids) {
      const buffer = this.buffers.get(id)
      this.buffers.delete(id)
      if (buffer !== undefined && !(buffer instanceof Error) && buffer.tensor.location !== 'cpu')
        buffer.tensor.dispose()
    }
  }

  async disposeProgram(id: number): Promise<void> {
    const program = this.programs.get(id)
    this.programs.delete(id)
    if (program !== undefined && !(program instanceof Error)) await program.session.release()
  }

  stats() {
    return { ...this.counters, poolBytes: 0, buffers: this.buffers.size }
  }
}

/** Types of elements by the arrays that hold them. */
function dtypeOf(data: TypedArray): Port['dtype'] {
  const types = ['float32', 'int32', 'bool', 'int64', 'float64', 'int8', 'float16'] as const
  return types.find((type) => typedArray(type, 0).constructor === data.constructor)!
}
