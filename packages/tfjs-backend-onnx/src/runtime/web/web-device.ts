import type { TypedArray } from '../../graph/value'
import type { Command } from '../commands'
import type { DeviceStats } from '../device'
import { OnnxError, unpackError } from '../errors'
import { ThreadDevice } from '../thread-device'
import type { StartOptions, ToPage, ToWorker } from './protocol'

/** Runs programs in a Web Worker, so that the page stays alive. A page must not sleep: there are asynchronous reads only. */
export class WebDevice extends ThreadDevice {
  readonly parts = 1
  private figures: DeviceStats = { builds: 0, buildMs: 0, runs: 0, runMs: 0, poolBytes: 0, buffers: 0 }

  private constructor(
    private readonly worker: Worker,
    readonly provider: string,
  ) {
    super()
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

  protected override send(commands: Command[], transfers: ArrayBuffer[]): void {
    this.worker.postMessage({ kind: 'commands', commands } satisfies ToWorker, transfers)
  }

  readSync(): TypedArray {
    throw new OnnxError(
      'synchronous-read',
      'dataSync(), arraySync() and whatever calls them cannot wait in a page; use await data() or await array()',
    )
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
