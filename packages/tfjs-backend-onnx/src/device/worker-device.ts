import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import type { TypedArray } from '../graph/value'
import { builtFile } from './built-file'
import { waitFor } from './counters'
import type { Device, DeviceStats, ProgramSource, SessionOptions } from './device'
import { type Command, type Reply, type SharedState, type WorkerSetup, messages, replies, runs } from './protocol'

/** Runs that may be under way at once: one computing, one waiting for it. */
const maxRunsAhead = 2
/** Smaller arrays are cheaper to copy than to transfer. */
const transferBytes = 2048

const open = new Set<WorkerDevice>()
// A worker must not be stopped in the middle of native code, which a process that ends would do.
process.on('exit', () => open.forEach((device) => device.settleAll()))

type SixNumbers = [number, number, number, number, number, number]

interface Request {
  resolve(data: TypedArray): void
  reject(error: Error): void
}

/**
 * Runs programs in a worker thread, so that the event loop goes on and the next step can be recorded meanwhile.
 * ONNX Runtime refuses shared memory, hence buffers live in the worker and come back as copies.
 */
export class WorkerDevice implements Device {
  readonly concurrent = true
  private readonly port: MessagePort
  private readonly shared: SharedState
  private queue: Command[] = []
  private transfers: ArrayBuffer[] = []
  private readonly requests = new Map<number, Request>()
  private lastRequest = 0
  private runsPosted = 0
  private messagesPosted = 0

  private constructor(url: URL, options: SessionOptions) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.shared = {
      signals: new Int32Array(new SharedArrayBuffer(3 * 4)),
      figures: new Float64Array(new SharedArrayBuffer(6 * 8)),
    }
    const setup: WorkerSetup = { port: port2, options, ...this.shared }
    const worker = new Worker(url, {
      workerData: setup,
      transferList: [port2],
      name: 'tfjs-backend-onnx',
      // Its garbage are small messages; with room for more, the process would only look as if it leaked.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.on('error', (error) => this.fail(error))
    open.add(this)
    worker.unref()
    port1.on('message', (reply: Reply) => this.settle(reply))
    port1.unref()
  }

  /** Undefined where the worker has not been built. */
  static create(options: SessionOptions): WorkerDevice | undefined {
    const url = builtFile('worker.js')
    return url && new WorkerDevice(url, options)
  }

  private enqueue(command: Command): void {
    this.queue.push(command)
  }

  private post(): void {
    if (this.queue.length === 0) return
    const { queue, transfers } = this
    this.queue = []
    this.transfers = []
    this.port.postMessage(queue, transfers)
    this.messagesPosted++
  }

  write(id: number, data: TypedArray): void {
    if (data.byteLength >= transferBytes) this.transfers.push(data.buffer as ArrayBuffer)
    this.enqueue({ kind: 'write', id, data })
  }

  build(program: number, source: ProgramSource): void {
    this.enqueue({ kind: 'build', program, source })
  }

  run(program: number, inputs: readonly number[], outputs: readonly number[]): void {
    this.enqueue({ kind: 'run', program, inputs, outputs })
    this.post()
    this.runsPosted++
    // Nothing else bounds the uploads that pile up.
    waitFor(this.shared.signals, runs, this.runsPosted - maxRunsAhead)
  }

  /** Sleeps until the worker is idle. */
  settleAll(): void {
    waitFor(this.shared.signals, messages, this.messagesPosted)
  }

  free(ids: readonly number[]): void {
    this.enqueue({ kind: 'free', ids })
    // Without runs nothing would carry the message.
    if (this.queue.length > 256) this.post()
  }

  disposeProgram(program: number): void {
    this.enqueue({ kind: 'dispose', program })
  }

  readSync(id: number): TypedArray {
    const { signals } = this.shared
    let answer: Reply | undefined
    const request = this.request(id, (reply) => (answer = reply))
    while (answer === undefined) {
      const seen = Atomics.load(signals, replies)
      const received = receiveMessageOnPort(this.port) as { message: Reply } | undefined
      if (received) this.settle(received.message)
      else Atomics.wait(signals, replies, seen)
    }
    this.requests.delete(request)
    if ('error' in answer) throw answer.error
    return answer.data
  }

  read(id: number): Promise<TypedArray> {
    return new Promise((resolve, reject) => {
      this.request(id, (reply) => ('error' in reply ? reject(reply.error) : resolve(reply.data)))
      this.port.ref()
    })
  }

  private request(id: number, settle: (reply: Reply) => void): number {
    const request = ++this.lastRequest
    this.requests.set(request, {
      resolve: (data) => settle({ request, data }),
      reject: (error) => settle({ request, error }),
    })
    this.enqueue({ kind: 'read', id, request })
    this.post()
    return request
  }

  private settle(reply: Reply): void {
    const waiting = this.requests.get(reply.request)
    this.requests.delete(reply.request)
    if (this.requests.size === 0) this.port.unref()
    if (waiting === undefined) return
    if ('error' in reply) waiting.reject(reply.error)
    else waiting.resolve(reply.data)
  }

  private fail(cause: Error): void {
    const error = new Error(`tfjs-backend-onnx: the worker thread ended: ${cause.message}`, { cause })
    for (const waiting of this.requests.values()) waiting.reject(error)
    this.requests.clear()
    this.port.unref()
    open.delete(this)
  }

  stats(): DeviceStats {
    const [builds, buildMs, count, runMs, poolBytes, buffers] = [...this.shared.figures] as SixNumbers
    return { builds, buildMs, runs: count, runMs, poolBytes, buffers }
  }

  close(): void {
    this.enqueue({ kind: 'close' })
    this.post()
    this.settleAll()
    open.delete(this)
  }
}
