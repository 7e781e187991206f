import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { type TypedArray, rawBytes } from '../graph/value'
import { builtFile } from './built-file'
import { count, waitFor } from './counters'
import type { Port, ProgramSource, SessionOptions, Shares } from './device'
import { type ExternalData, byteLengthOf } from './session'
import { type Order, type Slot, type TeamSetup, done, orders } from './team-protocol'

/** Milliseconds until a thread that has not started is given up; a busy machine may take seconds. */
const patience = 60_000

interface Desk {
  /** Who computes the program's shares, the leader aside. */
  ports: readonly MessagePort[]
  memory: SharedArrayBuffer
  inputs: readonly Slot[]
  outputs: readonly Slot[]
}

/**
 * Threads that compute shares of a program beside the one that leads them, which has the first share. ONNX Runtime refuses shared memory:
 * what they get and make is copied to and from a piece of it, the desk of the program.
 */
export class Team {
  private ports: MessagePort[] = []
  private readonly desks = new Map<number, Desk>()
  private readonly signals = new Int32Array(new SharedArrayBuffer(2 * 4))
  private expected = 0

  constructor(private readonly options: SessionOptions) {}

  /** Threads start with the first program: most processes never need them. */
  private recruit(size: number): void {
    const url = builtFile('teammate.js')
    if (url === undefined)
      throw new Error('tfjs-backend-onnx: teammate.js is missing beside worker.js; build the package')
    for (let index = this.ports.length; index < size; index++) {
      const { port1, port2 } = new MessageChannel()
      const setup: TeamSetup = { port: port2, signals: this.signals, index, options: this.options }
      new Worker(url, { workerData: setup, transferList: [port2], name: 'tfjs-backend-onnx' }).unref()
      port1.unref()
      this.ports.push(port1)
      // It reports for work.
      this.expected++
    }
    this.wait(patience)
  }

  /** Lets the others build their sessions for a program; they have when `built` returns. */
  build(program: number, source: ProgramSource, constants: ExternalData[]): void {
    const { model, movesTransposes, inputs, outputs } = source
    const { count: shareCount, isCut } = source.shares as Shares
    this.recruit(shareCount - 1)
    let bytes = 0
    const place = (port: Port, isOwn: boolean): Slot => {
      const length = byteLengthOf(port)
      const slot = { ...port, offset: bytes, stride: isOwn ? length : 0 }
      // Whole cache lines, which also suits every type of element.
      bytes += Math.ceil((isOwn ? (shareCount - 1) * length : length) / 64) * 64
      return slot
    }
    const slots = {
      inputs: inputs.map((port, i) => place(port, isCut[i]!)),
      outputs: outputs.map((port) => place(port, true)),
    }
    const memory = new SharedArrayBuffer(bytes)
    const ports = this.ports.slice(0, shareCount - 1)
    this.desks.set(program, { ...slots, memory, ports })
    this.order(
      { kind: 'build', program, count: shareCount, model, movesTransposes, constants, memory, ...slots },
      ports,
    )
  }

  built(): void {
    this.wait()
  }

  /** Gives out shares of `inputs`, and goes on. */
  start(program: number, inputs: readonly TypedArray[]): void {
    const { memory, ports, inputs: slots } = this.desks.get(program)!
    slots.forEach((slot, i) => {
      const bytes = rawBytes(inputs[i]!)
      // The leader keeps the first share.
      new Uint8Array(memory, slot.offset).set(bytes.subarray(slot.stride))
    })
    this.order({ kind: 'run', program }, ports)
  }

  /** Waits for all shares but the first, and puts them into `outputs`. */
  finish(program: number, outputs: readonly TypedArray[]): void {
    this.wait()
    const { memory, outputs: slots } = this.desks.get(program)!
    slots.forEach(({ offset, stride }, i) => {
      const others = rawBytes(outputs[i]!).subarray(stride)
      others.set(new Uint8Array(memory, offset, others.length))
    })
  }

  dispose(program: number): void {
    const desk = this.desks.get(program)
    if (desk === undefined) return
    this.desks.delete(program)
    this.order({ kind: 'dispose', program }, desk.ports)
    this.wait()
  }

  close(): void {
    if (this.ports.length === 0) return
    this.order({ kind: 'close' }, this.ports)
    this.wait()
    this.ports.forEach((port) => port.close())
    this.ports = []
  }

  private order(order: Order, ports: readonly MessagePort[]): void {
    for (const port of ports) port.postMessage(order)
    this.expected += ports.length
    count(this.signals, orders)
  }

  /** Sleeps until everybody has done what was ordered; raises the first error. */
  private wait(limit = Infinity): void {
    if (!waitFor(this.signals, done, this.expected, limit))
      throw new Error(
        'tfjs-backend-onnx: a thread did not start within a minute; do without by configureOnnx({ sharing: false })',
      )
    const errors = this.ports.map((port) => receiveMessageOnPort(port) as { message: Error } | undefined)
    const error = errors.find((received) => received !== undefined)
    if (error !== undefined) throw error.message
  }
}
