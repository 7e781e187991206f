import { parentPort } from 'node:worker_threads'
import { createRng } from '@pilotjs/core/random'
import { DataError } from './errors/data-error'
import type { RgbImage } from './images/rgb-image'
import { decodeAndUse } from './node/decode-image'
import { adaptiveReader } from './node/read-image-file'
import { isSmall } from './node/small-png'
import type { WorkerAnswer, WorkerRequest } from './node/worker-messages'
import { fromRecipe } from './transforms/from-recipe'
import { applyTransforms } from './transforms/transform'
import type { ImageTransform, TransformRecipe } from './transforms/transform'

/** A thread of the loader: decodes and transforms what it is sent. Bundled to one file of its own. */
const built = new Map<string, readonly ImageTransform[]>()
const read = adaptiveReader()

function transformsOf(recipes: string): readonly ImageTransform[] {
  let transforms = built.get(recipes)
  if (!transforms) {
    transforms = (JSON.parse(recipes) as TransformRecipe[]).map(fromRecipe)
    built.set(recipes, transforms)
  }
  return transforms
}

async function answer({ id, image, decode, recipes, seed, keepUpTo }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const prepare = (decoded: RgbImage) => applyTransforms(transformsOf(recipes), decoded, createRng(seed))
    if (typeof image !== 'string') return { id, image: prepare(image), small: isSmall(image) }
    const answerOf = ({ width, height, data }: RgbImage) => ({
      id,
      image: prepare({ width, height, data }),
      small: isSmall({ width, height }),
      // A copy: what is prepared may be the same memory, and is given away.
      ...(data.length <= keepUpTo && { decoded: { width, height, data: data.slice() } }),
    })
    return await decodeAndUse(image, decode, answerOf, read)
  } catch (error) {
    if (error instanceof DataError) {
      const { code, problem, subject, remedy } = error
      return { id, wrong: { code, problem, subject, remedy } }
    }
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Answers that are ready in one turn of the event loop go in one message. */
const ready: WorkerAnswer[] = []

function reply(answer: WorkerAnswer): void {
  if (ready.push(answer) === 1) setImmediate(send)
}

function send(): void {
  const given: ArrayBuffer[] = []
  const answers = ready.splice(0).map((answer) => {
    if (!('image' in answer)) return answer
    const { width, height, data } = answer.image
    // Only memory that is the image's alone may be handed over.
    const own = data.byteLength === data.buffer.byteLength ? data : data.slice()
    given.push(own.buffer as ArrayBuffer)
    return { ...answer, image: { width, height, data: own } }
  })
  parentPort?.postMessage(answers, given)
}

parentPort?.on('message', (requests: readonly WorkerRequest[]) => {
  for (const request of requests) void answer(request).then(reply)
})
