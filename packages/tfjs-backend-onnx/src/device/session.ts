import { type TypedArray, bytesPerElement } from '../graph/value'
import type { Port, ProgramSource, SessionOptions } from './device'
import { type OrtSession, type OrtTensor, loadOrt } from './ort'
import { describeFailure, sessionOptions } from './session-options'

/** A constant of a model whose elements are handed over beside it. */
export interface ExternalData {
  /** The name that the model calls it by. */
  path: string
  data: Uint8Array
}

/** Makes a model executable. ONNX Runtime copies what it is given. */
export function createSession(
  { model, movesTransposes }: Pick<ProgramSource, 'model' | 'movesTransposes'>,
  externalData: readonly ExternalData[],
  options: SessionOptions,
): OrtSession {
  try {
    const session = new (loadOrt().binding.InferenceSession)()
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
      ...sessionOptions(options, movesTransposes),
      externalData,
    })
    return session
  } catch (cause) {
    throw describeFailure(cause, 'could not build a session', options)
  }
}

/** The options of a session that computes one of `count` shares. */
export const shareOptions = (options: SessionOptions, count: number): SessionOptions => ({
  ...options,
  threads: Math.max(1, Math.floor(options.threads / count)),
})

/** Computes `fetches` from `feeds`, in place. */
export function runSession(
  session: OrtSession,
  feeds: Record<string, OrtTensor>,
  fetches: Record<string, OrtTensor>,
  options: SessionOptions,
): void {
  try {
    session.run(feeds, fetches, {})
  } catch (cause) {
    throw describeFailure(cause, 'could not run a graph', options)
  }
}

/** A tensor over the beginning of an array. */
export function tensorOver(data: TypedArray, { dtype, shape }: Port): OrtTensor {
  const length = shape.reduce((n, d) => n * d, 1)
  return new (loadOrt().Tensor)(dtype, data.length === length ? data : data.subarray(0, length), shape)
}

export const byteLengthOf = ({ dtype, shape }: Port): number => shape.reduce((n, d) => n * d, bytesPerElement[dtype])
