import { MessageChannel, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type TypedArray, bytesPerElement, rawBytes, typedArray } from '../../graph/value'
import { packError } from '../errors'
import { count, sleep } from './counters'
import type { OrtSession, OrtTensor } from './ort'
import { beat } from './pulse'
import { Sessions, byteLengthOf } from './session'
import { type Order, type Slot, type TeamSetup, done, orders } from './team-protocol'

// A thread of a Team: it sleeps until there is an order, which it carries out on its part.

const { port, signals, pulse, index, options } = workerData as TeamSetup
const sessions = new Sessions(options)

interface Copy {
  /** This thread's part of the shared memory, and an array of the same bytes that ONNX Runtime accepts. */
  shared: Uint8Array
  own: Uint8Array
}

interface Program {
  session: OrtSession
  feeds: Record<string, OrtTensor>
  fetches: Record<string, OrtTensor>
  inputs: Copy[]
  outputs: Copy[]
}

const programs = new Map<number, Program>()

function build({ count: parts, constants, memory, ...source }: Extract<Order, { kind: 'build' }>): Program {
  const tensors = (list: readonly Slot[]) => {
    const named: Record<string, OrtTensor> = {}
    const copies = list.map((slot): Copy => {
      const bytes = byteLengthOf(slot)
      const data: TypedArray = typedArray(slot.dtype, bytes / bytesPerElement[slot.dtype])
      named[slot.name] = sessions.tensorOver(data, slot)
      return { shared: new Uint8Array(memory, slot.offset + index * slot.stride, bytes), own: rawBytes(data) }
    })
    return { named, copies }
  }
  const [inputs, outputs] = [tensors(source.inputs), tensors(source.outputs)]
  const session = sessions.create(source, constants, parts)
  discard(constants.map(({ data }) => data.buffer as ArrayBuffer))
  return { session, feeds: inputs.named, fetches: outputs.named, inputs: inputs.copies, outputs: outputs.copies }
}

/**
 * Gives memory back that this thread does not need any more, by sending it to nobody: it hardly makes garbage, so that hundreds
 * of megabytes would wait for their collection for a long time. Takes effect when the event loop turns.
 */
function discard(buffers: ArrayBuffer[]): void {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.postMessage(null, [...new Set(buffers)])
  port1.close()
}

function execute(order: Order): void {
  if (order.kind === 'close') return
  if (order.kind === 'build') {
    programs.set(order.program, build(order))
    return
  }
  const program = programs.get(order.program)
  // Building it failed, which has been reported.
  if (program === undefined) return
  const { session, feeds, fetches, inputs, outputs } = program
  if (order.kind === 'run') {
    for (const { own, shared } of inputs) own.set(shared)
    sessions.run(session, feeds, fetches)
    for (const { own, shared } of outputs) shared.set(own)
    return
  }
  programs.delete(order.program)
  sessions.dispose(session)
}

/** Tells the leader that another order has been carried out. */
function report(): void {
  beat(pulse)
  count(signals, done)
}

function work(): void {
  for (;;) {
    const seen = Atomics.load(signals, orders)
    const received = receiveMessageOnPort(port) as { message: Order } | undefined
    if (received === undefined) {
      sleep(signals, orders, seen)
      continue
    }
    try {
      execute(received.message)
    } catch (error) {
      port.postMessage(packError(error))
    }
    report()
    if (received.message.kind === 'close') {
      pulse.held.close()
      return port.close()
    }
    if (received.message.kind === 'build') {
      setImmediate(work)
      return
    }
  }
}
report()
work()
