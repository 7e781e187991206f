import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import type { TypedArray } from '../../graph/value'
import type { Command, Reply } from '../commands'
import type { DeviceStats, SessionOptions } from '../device'
import { ThreadDevice } from '../thread-device'
import { builtFile } from './built-file'
import { channelBlock } from './channel-block'
import { sleep } from './counters'
import { type SharedState, type WorkerSetup, leaving, messages, replies, runs } from './protocol'
import { Pulse } from './pulse'

/** Runs that may be under way at once: one computing, one waiting for it. */
const maxRunsAhead = 2

type SixNumbers = [number, number, number, number, number, number]

/**
 * Runs programs in a worker thread, so that the event loop goes on and the next step can be recorded meanwhile.
 * ONNX Runtime refuses shared memory, hence buffers live in the worker and come back as copies.
 */
export class WorkerDevice extends ThreadDevice {
  readonly parts: number
  readonly provider: string
  private readonly port: MessagePort
  private readonly pulse: Pulse
  private readonly shared: SharedState
  private runsPosted = 0
  private messagesPosted = 0

  private constructor(
    url: URL,
    private readonly options: SessionOptions,
  ) {
    super()
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.parts = options.threads
    this.provider = options.executionProviders[0] ?? 'cpu'
    this.pulse = new Pulse('the thread that computes', options.patience)
    this.shared = {
      signals: new Int32Array(new SharedArrayBuffer(4 * 4)),
      figures: new Float64Array(new SharedArrayBuffer(6 * 8)),
    }
    const setup: WorkerSetup = { port: port2, options, pulse: this.pulse.setup, ...this.shared }
    const worker = new Worker(url, {
      workerData: setup,
      transferList: [port2, this.pulse.setup.held],
      name: 'tfjs-backend-onnx',
      // Its garbage are small messages; with room for more, the process would only look as if it leaked.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.on('error', (error) => this.fail(this.pulse.ended(error)))
    worker.on('exit', () => this.fail(this.pulse.ended()))
    worker.unref()
    port1.on('message', (reply: Reply) => this.settle(reply))
    port1.unref()
    process.on('exit', this.leave)
  }

  /** Undefined where the worker has not been built. */
  static create(options: SessionOptions, url = builtFile('worker.js')): WorkerDevice | undefined {
    return url && new WorkerDevice(url, options)
  }

  channelBlock(): number | null {
    return channelBlock(this.options.executionProviders)
  }

  protected override send(commands: Command[], transfers: ArrayBuffer[]): void {
    this.port.postMessage(commands, transfers)
    this.messagesPosted++
  }

  override run(program: number, inputs: readonly number[], outputs: readonly number[]): void {
    super.run(program, inputs, outputs)
    this.runsPosted++
    // Nothing else bounds the uploads that pile up.
    this.wait(runs, this.runsPosted - maxRunsAhead)
  }

  /** Sleeps until the worker has counted to `target`; its end, if it comes to that, is told by the next read. */
  private wait(counter: number, target: number): void {
    if (this.failure !== null) return
    try {
      this.pulse.wait(this.shared.signals, counter, target)
    } catch (error) {
      this.fail(error as Error)
    }
  }

  /**
   * A worker must not be stopped in the middle of native code, which a process that ends would do; what it has not begun, it
   * leaves.
   */
  private readonly leave = (): void => {
    Atomics.store(this.shared.signals, leaving, 1)
    this.wait(messages, this.messagesPosted)
  }

  readSync(id: number): TypedArray {
    const { signals } = this.shared
    let data: TypedArray | undefined
    let error: Error | undefined
    const request = this.request(id, { resolve: (answer) => (data = answer), reject: (cause) => (error = cause) })
    this.pulse.expect()
    while (data === undefined && error === undefined) {
      const seen = Atomics.load(signals, replies)
      const received = receiveMessageOnPort(this.port) as { message: Reply } | undefined
      if (received) {
        this.settle(received.message)
        continue
      }
      sleep(signals, replies, seen)
      if (Atomics.load(signals, replies) === seen) this.checkPulse()
    }
    this.requests.delete(request)
    if (data === undefined) throw error!
    return data
  }

  private checkPulse(): void {
    try {
      this.pulse.check()
    } catch (error) {
      this.fail(error as Error)
    }
  }

  override read(id: number): Promise<TypedArray> {
    const answer = super.read(id)
    if (this.requests.size > 0) this.port.ref()
    return answer
  }

  protected override settle(reply: Reply): void {
    super.settle(reply)
    if (this.requests.size === 0) this.port.unref()
  }

  protected override fail(error: Error): void {
    super.fail(error)
    this.port.unref()
    process.off('exit', this.leave)
  }

  stats(): DeviceStats {
    const [builds, buildMs, count, runMs, poolBytes, buffers] = [...this.shared.figures] as SixNumbers
    return { builds, buildMs, runs: count, runMs, poolBytes, buffers }
  }

  close(): void {
    this.enqueue({ kind: 'close' })
    this.post()
    this.wait(messages, this.messagesPosted)
    this.fail(this.pulse.ended())
    this.pulse.close()
  }
}
