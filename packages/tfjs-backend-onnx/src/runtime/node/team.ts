import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { type TypedArray, rawBytes } from '../../graph/value'
import type { BatchParts, Port, ProgramSource, SessionOptions } from '../device'
import { OnnxError, type PackedError, unpackError } from '../errors'
import { builtFile } from './built-file'
import { type Counters, count, waitFor } from './counters'
import { Pulse } from './pulse'
import { type ExternalData, byteLengthOf } from './session'
import { type Order, type Slot, type TeamSetup, done, orders } from './team-protocol'

interface Mate {
  port: MessagePort
  pulse: Pulse
}

interface Desk {
  /** Who computes the program's parts, the leader aside. */
  mates: readonly Mate[]
  memory: SharedArrayBuffer
  inputs: readonly Slot[]
  outputs: readonly Slot[]
}

const newSignals = (): Counters => new Int32Array(new SharedArrayBuffer(2 * 4))

/**
 * Whether constants are so large that ONNX Runtime, which takes a multiple of them for a moment, had better get them on one
 * thread after the other.
 */
export const large = (constants: readonly ExternalData[]): boolean =>
  constants.reduce((sum, { data }) => sum + data.byteLength, 0) > 2 ** 26

/**
 * Copies of constants in one piece, which the system takes back when it is freed; of many small ones malloc would keep the most.
 */
function copied(constants: readonly ExternalData[]): ExternalData[] {
  const places = constants.map(({ data }) => Math.ceil(data.byteLength / 64) * 64)
  const memory = new ArrayBuffer(places.reduce((sum, bytes) => sum + bytes, 0))
  let offset = 0
  return constants.map(({ path, data }, i) => {
    const copy = new Uint8Array(memory, offset, data.byteLength)
    copy.set(data)
    offset += places[i]!
    return { path, data: copy }
  })
}

/**
 * Threads that compute parts of a program beside the one that leads them, which has the first part. ONNX Runtime refuses shared
 * memory: what they get and make is copied to and from a piece of it, the desk of the program.
 */
export class Team {
  private mates: Mate[] = []
  private readonly desks = new Map<number, Desk>()
  private signals = newSignals()
  private expected = 0

  constructor(
    private readonly options: SessionOptions,
    private readonly url = builtFile('teammate.js'),
  ) {}

  /** Threads start with the first program: most processes never need them. */
  private recruit(size: number): void {
    const { url } = this
    if (url === undefined)
      throw new OnnxError('runtime-missing', 'teammate.js is missing beside worker.js; build the package')
    for (let index = this.mates.length; index < size; index++) {
      const { port1, port2 } = new MessageChannel()
      const pulse = new Pulse('a thread that computes a part of the batch', this.options.patience)
      const { signals, options } = this
      const setup: TeamSetup = { port: port2, signals, pulse: pulse.setup, index, options }
      const transferList = [port2, pulse.setup.held]
      new Worker(url, { workerData: setup, transferList, name: 'tfjs-backend-onnx' }).unref()
      port1.unref()
      this.mates.push({ port: port1, pulse })
      // It reports for work.
      this.expected++
    }
    this.wait()
  }

  /** Lets the others build their sessions for a program; they have when `built` returns. */
  build(program: number, source: ProgramSource, constants: ExternalData[]): void {
    const { model, movesTransposes, isSmall, givesMemoryBack, inputs, outputs } = source
    const { count: parts, isCut } = source.parts as BatchParts
    this.recruit(parts - 1)
    let bytes = 0
    const place = (port: Port, isOwn: boolean): Slot => {
      const length = byteLengthOf(port)
      const slot = { ...port, offset: bytes, stride: isOwn ? length : 0 }
      // Whole cache lines, which also suits every type of element.
      bytes += Math.ceil((isOwn ? (parts - 1) * length : length) / 64) * 64
      return slot
    }
    const slots = {
      inputs: inputs.map((port, i) => place(port, isCut[i]!)),
      outputs: outputs.map((port) => place(port, true)),
    }
    const memory = new SharedArrayBuffer(bytes)
    const mates = this.mates.slice(0, parts - 1)
    this.desks.set(program, { ...slots, memory, mates })
    const kind = { movesTransposes, isSmall, givesMemoryBack }
    const order = { kind: 'build', program, count: parts, model, ...kind, memory, ...slots } as const
    for (const mate of mates) {
      const own = copied(constants)
      // They change hands: the other thread gives the memory back as soon as it has built.
      this.order({ ...order, constants: own }, [mate], own[0] ? [own[0].data.buffer as ArrayBuffer] : [])
      if (large(constants)) this.wait()
    }
  }

  built(): void {
    this.wait()
  }

  /** Gives out parts of `inputs`, and goes on. */
  start(program: number, inputs: readonly TypedArray[]): void {
    const { memory, mates, inputs: slots } = this.desk(program)
    slots.forEach((slot, i) => {
      const bytes = rawBytes(inputs[i]!)
      // The leader keeps the first part.
      new Uint8Array(memory, slot.offset).set(bytes.subarray(slot.stride))
    })
    this.order({ kind: 'run', program }, mates)
  }

  /** Waits for all parts but the first, and puts them into `outputs`. */
  finish(program: number, outputs: readonly TypedArray[]): void {
    this.wait()
    const { memory, outputs: slots } = this.desk(program)
    slots.forEach(({ offset, stride }, i) => {
      const others = rawBytes(outputs[i]!).subarray(stride)
      others.set(new Uint8Array(memory, offset, others.length))
    })
  }

  dispose(program: number): void {
    const desk = this.desks.get(program)
    if (desk === undefined) return
    this.desks.delete(program)
    this.order({ kind: 'dispose', program }, desk.mates)
    this.settle()
  }

  close(): void {
    if (this.mates.length === 0) return
    this.order({ kind: 'close' }, this.mates)
    this.settle()
    for (const { port, pulse } of this.mates) {
      port.close()
      pulse.close()
    }
    this.mates = []
  }

  private desk(program: number): Desk {
    const desk = this.desks.get(program)
    if (desk === undefined)
      throw new OnnxError(
        'thread-ended',
        'a thread that computes a part of the batch has ended, and what it held is lost',
      )
    return desk
  }

  /** Waits without interest in failures: who is gone has nothing to dispose of, and whoever computes next hears of it. */
  private settle(): void {
    try {
      this.wait()
    } catch {
      // see above
    }
  }

  private order(order: Order, mates: readonly Mate[], transfers: ArrayBuffer[] = []): void {
    for (const { port } of mates) port.postMessage(order, transfers)
    this.expected += mates.length
    count(this.signals, orders)
  }

  /** Sleeps until everybody has done what was ordered; raises the first error. */
  private wait(): void {
    for (const { pulse } of this.mates) pulse.expect()
    try {
      waitFor(this.signals, done, this.expected, () => this.mates.forEach(({ pulse }) => pulse.check()))
    } catch (error) {
      this.disband()
      throw error
    }
    const errors = this.mates.map(({ port }) => receiveMessageOnPort(port) as { message: PackedError } | undefined)
    const error = errors.find((received) => received !== undefined)
    if (error !== undefined) throw unpackError(error.message)
  }

  /** After the loss of a thread: the others are let go as well, and new ones start with the next program. */
  private disband(): void {
    for (const { port, pulse } of this.mates) {
      port.postMessage({ kind: 'close' } satisfies Order)
      port.close()
      pulse.close()
    }
    count(this.signals, orders)
    this.mates = []
    this.desks.clear()
    // Those that are left may still count on what they know.
    this.signals = newSignals()
    this.expected = 0
  }
}
