import type { TypedArray } from '../../graph/value'
import type { Command, Reply } from '../commands'
import type { Device, DeviceStats, ProgramSource } from '../device'
import { OnnxError, unpackError } from '../errors'
import type { StartOptions, ToPage, ToWorker } from './protocol'

interface Request {
  resolve(data: TypedArray): void
  reject(error: Error): void
}

/** Smaller arrays are cheaper to copy than to transfer. */
const transferBytes = 2048

/** Runs programs in a Web Worker, so that the page stays alive. A page must not sleep: there are asynchronous reads only. */
export class WebDevice implements Device {
  readonly concurrent = true
  readonly parts = 1
  private queue: Command[] = []
  private transfers: ArrayBuffer[] = []
  private readonly requests = new Map<number, Request>()
  private lastRequest = 0
  private failure: Error | null = null
  private figures: DeviceStats = { builds: 0, buildMs: 0, runs: 0, runMs: 0, poolBytes: 0, buffers: 0 }

  private constructor(
    private readonly worker: Worker,
    readonly provider: string,
  ) {
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.hear(data)
    worker.onerror = (event) => this.fail(ended(event.message))
  }

  /**
   * Starts a worker, and waits until it can compute.
   * @param source the worker's program
   * @throws OnnxError `provider-missing`, or `runtime-missing` where onnxruntime-web's files are not found
   */
  static async start(source: string, options: StartOptions): Promise<WebDevice> {
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
    const worker = new Worker(address, { type: 'module', name: 'tfjs-backend-onnx' })
    try {
      const provider = await new Promise<string>((resolve, reject) => {
        worker.onerror = (event) => reject(ended(event.message))
        worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
          if (data.kind === 'ready') resolve(data.provider)
          else if (data.kind === 'failed') reject(unpackError(data.error))
        }
        worker.postMessage({ kind: 'start', options } satisfies ToWorker)
      })
      return new WebDevice(worker, provider)
    } catch (error) {
      worker.terminate()
      throw error
    } finally {
      URL.revokeObjectURL(address)
    }
  }

  channelBlock(): null {
    return null
  }

  private hear(message: ToPage): void {
    if (message.kind === 'reply') this.settle(message.reply)
    else if (message.kind === 'stats') this.figures = message.stats
  }

  private settle(reply: Reply): void {
    const waiting = this.requests.get(reply.request)
    this.requests.delete(reply.request)
    if ('error' in reply) waiting?.reject(unpackError(reply.error))
    else waiting?.resolve(reply.data)
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const waiting of this.requests.values()) waiting.reject(error)
    this.requests.clear()
    this.queue = []
    this.transfers = []
  }

  private enqueue(command: Command): void {
    if (this.failure === null) this.queue.push(command)
  }

  private post(): void {
    const { queue: commands, transfers } = this
    this.queue = []
    this.transfers = []
    if (commands.length > 0) this.worker.postMessage({ kind: 'commands', commands } satisfies ToWorker, transfers)
  }

  write(id: number, data: TypedArray): void {
    if (data.byteLength >= transferBytes && this.failure === null) this.transfers.push(data.buffer as ArrayBuffer)
    this.enqueue({ kind: 'write', id, data })
  }

  build(program: number, source: ProgramSource): void {
    this.enqueue({ kind: 'build', program, source })
  }

  run(program: number, inputs: readonly number[], outputs: readonly number[]): void {
    this.enqueue({ kind: 'run', program, inputs, outputs })
    this.post()
  }

  free(ids: readonly number[]): void {
    this.enqueue({ kind: 'free', ids })
    // Without runs nothing would carry the message.
    if (this.queue.length > 256) this.post()
  }

  disposeProgram(program: number): void {
    this.enqueue({ kind: 'dispose', program })
  }

  readSync(): TypedArray {
    throw new OnnxError(
      'synchronous-read',
      'dataSync(), arraySync() and whatever calls them cannot wait in a page; use await data() or await array()',
    )
  }

  read(id: number): Promise<TypedArray> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure)
      const request = ++this.lastRequest
      this.requests.set(request, { resolve, reject })
      this.enqueue({ kind: 'read', id, request })
      this.post()
    })
  }

  stats(): DeviceStats {
    return this.figures
  }

  close(): void {
    this.worker.terminate()
    this.fail(ended('it was closed'))
  }
}

const ended = (why: string): OnnxError =>
  new OnnxError('thread-ended', `the worker that computes has ended (${why}); what it held is lost`)
