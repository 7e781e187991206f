import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { DataError } from '../errors/data-error'
import type { RgbImage } from '../images/rgb-image'
import { smallImages } from './small-images'
import { inProcessLoader } from '../loader/image-loader'
import type { ImageLoader, LoadRequest } from '../loader/image-loader'
import type { ImageTransform } from '../transforms/transform'
import type { WorkerAnswer, WorkerRequest } from './worker-messages'

export interface WorkerLoaderOptions {
  /** Threads. Default one less than there are cores, at least 1, at most 8; 0 does everything in the main thread. */
  readonly workers?: number
}

/** Requests a thread holds at once: while one image is decoded by sharp's own threads, another is transformed. */
const requestsPerWorker = 3
/** Of images so small that the messages are most of the work: many to a message. */
const smallRequestsPerWorker = 32
/** Images of at most this side, from memory, are transformed faster than they are sent. */
const smallSide = 64

interface Job {
  readonly request: LoadRequest
  readonly recipes: string
  resolve(image: RgbImage): void
  reject(reason: unknown): void
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, Job>
  /** To be sent with the next message. */
  readonly outgoing: WorkerRequest[]
  /** Requests that it may hold, by the images that it was sent last. */
  most: number
}

/**
 * The loader for Node: worker threads decode and transform. The same image comes out whatever their number. What gains nothing
 * from a thread (small images in memory, transforms of the caller's own) is done in the main thread. Small images of files stay in
 * memory once they are decoded (64 MiB of them). Threads start with the first image for them, and don't keep the process alive.
 */
export function workerLoader(options: WorkerLoaderOptions = {}): ImageLoader & { close(): Promise<void> } {
  const { workers = Math.max(1, Math.min(8, availableParallelism() - 1)) } = options
  if (!Number.isInteger(workers) || workers < 0) {
    throw new RangeError(`workers must be an integer of at least 0 (0: no threads), got ${workers}`)
  }
  const here = inProcessLoader()
  const small = smallImages()
  const threads = new Set<Thread>()
  const waiting: Job[] = []
  let lastId = 0

  function start(): Thread {
    const thread: Thread = {
      worker: new Worker(workerFile()),
      jobs: new Map(),
      outgoing: [],
      most: requestsPerWorker,
    }
    const end = (reason: Error) => {
      threads.delete(thread)
      for (const job of thread.jobs.values()) job.reject(reason)
      thread.jobs.clear()
      dispatch()
    }
    const take = (answer: WorkerAnswer) => {
      const job = thread.jobs.get(answer.id)
      thread.jobs.delete(answer.id)
      if ('image' in answer) {
        thread.most = answer.small ? smallRequestsPerWorker : requestsPerWorker
        if (job && answer.decoded) small.keep(job.request.source, job.request.index, answer.decoded)
        job?.resolve(answer.image)
      } else if ('wrong' in answer) job?.reject(new DataError(answer.wrong.code, answer.wrong.problem, answer.wrong))
      else job?.reject(new Error(answer.error))
    }
    thread.worker.on('message', (answers: readonly WorkerAnswer[]) => {
      answers.forEach(take)
      if (thread.jobs.size === 0) thread.worker.unref()
      dispatch()
    })
    thread.worker.on('error', (error) => end(new Error(`A loader thread failed: ${error.message}`, { cause: error })))
    thread.worker.on('exit', (code) => end(new Error(`A loader thread ended (exit code ${code})`)))
    thread.worker.unref()
    threads.add(thread)
    return thread
  }

  /** The thread with the fewest requests, a new one while there may be more; none when all are busy. */
  function freeThread(): Thread | undefined {
    const [idlest] = [...threads].sort((a, b) => a.jobs.size - b.jobs.size)
    if (idlest?.jobs.size === 0) return idlest
    if (threads.size < workers) return start()
    return idlest && idlest.jobs.size < idlest.most ? idlest : undefined
  }

  function dispatch(): void {
    while (waiting.length > 0) {
      const thread = freeThread()
      if (!thread) return
      const job = waiting.shift()!
      if (job.request.signal.aborted) job.reject(job.request.signal.reason)
      else send(thread, job)
    }
  }

  /** What was asked in one go, in one message; memory that is the request's alone is handed over. */
  function post({ worker, outgoing }: Thread): void {
    const requests = outgoing.splice(0)
    const given = requests.flatMap(({ image }) => (typeof image === 'string' ? [] : [image.data.buffer as ArrayBuffer]))
    worker.postMessage(requests, given)
  }

  function send(thread: Thread, job: Job): void {
    const id = ++lastId
    const { source, index, seed } = job.request
    const ask = (image: string | RgbImage) => {
      const decode = { orientation: source.orientation }
      thread.outgoing.push({ id, image, decode, recipes: job.recipes, seed, keepUpTo: small.room })
      if (thread.outgoing.length === 1) queueMicrotask(() => post(thread))
    }
    const fail = (error: unknown) => {
      thread.jobs.delete(id)
      job.reject(error)
      dispatch()
    }
    thread.jobs.set(id, job)
    thread.worker.ref()
    try {
      if (source.file) return ask(source.file(index))
      // Bytes are copied once, so that the source keeps its own.
      const copied = async () => source.read(index)
      copied()
        .then((image) => ask({ width: image.width, height: image.height, data: Uint8Array.from(image.data) }))
        .catch(fail)
    } catch (error) {
      fail(error)
    }
  }

  return {
    load(asked) {
      const kept = small.holding(asked.source, asked.index)
      const request = kept ? { ...asked, source: kept } : asked
      const recipes =
        workers > 0 && (request.source.file || isLarge(request.transforms)) && recipesOf(request.transforms)
      if (!recipes) return here.load(request)
      return new Promise((resolve, reject) => {
        waiting.push({ request, recipes, resolve, reject })
        dispatch()
      })
    },
    async close() {
      const ended = [...threads].map(({ worker }) => worker.terminate())
      for (const job of waiting.splice(0)) job.reject(new Error('The loader was closed'))
      await Promise.all(ended)
    },
  }
}

/** The transforms' recipes as JSON; undefined where one of the caller's own is among them. */
function recipesOf(transforms: readonly ImageTransform[]): string | undefined {
  if (transforms.some(({ recipe }) => recipe === undefined)) return undefined
  return JSON.stringify(transforms.map(({ recipe }) => recipe))
}

function isLarge(transforms: readonly ImageTransform[]): boolean {
  return transforms.some(({ recipe }) => [recipe?.options.size ?? 0].flat().some((side) => Number(side) > smallSide))
}

/** The bundled worker: beside this file once built, in `dist` when this runs from its sources. */
function workerFile(): URL {
  const candidates = ['./worker.js', '../../dist/worker.js'].map((path) => new URL(path, import.meta.url))
  const found = candidates.find((url) => existsSync(fileURLToPath(url)))
  if (!found)
    throw new Error(
      `The loader's thread is not built: ${fileURLToPath(candidates[1]!)} is missing; build @pilotjs/data.`,
    )
  return found
}
