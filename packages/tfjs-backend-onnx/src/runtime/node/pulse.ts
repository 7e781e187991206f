import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { OnnxError } from '../errors'
import { type Counters, waitFor } from './counters'

/** Where a thread shows that it gets on. */
export interface PulseSetup {
  /** Held and never read: it closes when the thread ends, whatever ended it. */
  held: MessagePort
  /** How many steps the thread has taken. */
  steps: Counters
}

/**
 * Tells whether a thread is alive while its owner sleeps: events would come only when the owner's event loop turns, so that one
 * that waits for a dead thread would never hear of it. A port whose other end is gone says so at once.
 */
export class Pulse {
  readonly setup: PulseSetup
  private readonly port: MessagePort
  private seen = 0
  private since = performance.now()

  /**
   * @param what how messages call the thread
   * @param patience milliseconds without a step after which it is given up
   */
  constructor(
    private readonly what: string,
    private readonly patience: number,
  ) {
    const { port1, port2 } = new MessageChannel()
    port1.unref()
    this.port = port1
    this.setup = { held: port2, steps: new Int32Array(new SharedArrayBuffer(4)) }
  }

  /** Says that from here on something is expected. */
  expect(): void {
    this.since = performance.now()
  }

  /** @throws OnnxError `thread-ended` or `thread-silent` */
  check(): void {
    // It returns false without an other end, which the types of Node do not know.
    const isHeard: unknown = this.port.postMessage(0)
    if (isHeard === false) throw this.ended()
    const steps = Atomics.load(this.setup.steps, 0)
    if (steps !== this.seen) {
      this.seen = steps
      this.since = performance.now()
    }
    if (performance.now() - this.since > this.patience)
      throw new OnnxError(
        'thread-silent',
        `${this.what} has not got on for ${Math.round(this.patience / 1000)} s; the option patience says how long to wait`,
      )
  }

  /** Sleeps until a counter has reached `target`. */
  wait(counters: Counters, index: number, target: number): void {
    this.expect()
    waitFor(counters, index, target, () => this.check())
  }

  ended(cause?: unknown): OnnxError {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    const remedy = 'What it held is lost; a new process, or backend, starts anew.'
    return new OnnxError('thread-ended', `${this.what} has ended${why}. ${remedy}`, { cause })
  }

  close(): void {
    this.port.close()
  }
}

/** Shows that the thread that `setup` was given to has taken a step. */
export const beat = ({ steps }: PulseSetup): void => void Atomics.add(steps, 0, 1)
