import type { TypedArray } from '../graph/value'
import type { Command, Reply } from './commands'
import type { Device, DeviceStats, ProgramSource } from './device'
import { unpackError } from './errors'

/** Smaller arrays are cheaper to copy than to transfer. */
const transferBytes = 2048
/** Without runs nothing would carry what is freed: a message of its own from so many commands on. */
const crowd = 256

/** Who waits for a buffer. */
export interface Request {
  resolve(data: TypedArray): void
  reject(error: Error): void
}

/** A device in a thread of its own: commands are gathered and sent with the next run or read, answers come by number. */
export abstract class ThreadDevice implements Device {
  readonly concurrent = true
  abstract readonly parts: number
  abstract readonly provider: string
  protected readonly requests = new Map<number, Request>()
  /** Why nothing can be computed any more. */
  protected failure: Error | null = null
  private queue: Command[] = []
  private transfers: ArrayBuffer[] = []
  private lastRequest = 0

  protected abstract send(commands: Command[], transfers: ArrayBuffer[]): void
  abstract channelBlock(): number | null
  abstract readSync(id: number): TypedArray
  abstract stats(): DeviceStats
  abstract close(): void

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
    if (this.queue.length > crowd) this.post()
  }

  disposeProgram(program: number): void {
    this.enqueue({ kind: 'dispose', program })
  }

  read(id: number): Promise<TypedArray> {
    return new Promise((resolve, reject) => this.request(id, { resolve, reject }))
  }

  protected enqueue(command: Command): void {
    if (this.failure === null) this.queue.push(command)
  }

  protected post(): void {
    const { queue, transfers } = this
    this.queue = []
    this.transfers = []
    if (queue.length > 0) this.send(queue, transfers)
  }

  /** Asks for a buffer, and answers the number that the reply will carry. */
  protected request(id: number, waiting: Request): number {
    const request = ++this.lastRequest
    if (this.failure !== null) {
      waiting.reject(this.failure)
      return request
    }
    this.requests.set(request, waiting)
    this.enqueue({ kind: 'read', id, request })
    this.post()
    return request
  }

  protected settle(reply: Reply): void {
    const waiting = this.requests.get(reply.request)
    this.requests.delete(reply.request)
    if ('error' in reply) waiting?.reject(unpackError(reply.error))
    else waiting?.resolve(reply.data)
  }

  /** Tells all who wait, and all who come, why there is no answer. */
  protected fail(error: Error): void {
    if (this.failure !== null) return
    this.failure = error
    for (const waiting of this.requests.values()) waiting.reject(error)
    this.requests.clear()
    this.queue = []
    this.transfers = []
  }
}
