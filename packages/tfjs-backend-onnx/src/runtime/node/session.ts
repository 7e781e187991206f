import { type TypedArray, bytesPerElement } from '../../graph/value'
import type { Port, ProgramSource, SessionOptions } from '../device'
import { type Ort, type OrtSession, type OrtTensor, loadOrt } from './ort'
import { describeFailure } from '../failure'
import { sessionOptions } from './session-options'

/** A constant of a model whose elements are handed over beside it. */
export interface ExternalData {
  /** The name that the model calls it by. */
  path: string
  data: Uint8Array
}

/** ONNX Runtime as one device uses it. It is loaded with the first program, so that a missing one is an error of that. */
export class Sessions {
  private loaded: Ort | undefined

  constructor(private readonly options: SessionOptions) {}

  private get ort(): Ort {
    return (this.loaded ??= loadOrt())
  }

  /** Makes a model executable, of which `count` parts run at once. ONNX Runtime copies what it is given. */
  create(
    { model, isSmall, ...kind }: Pick<ProgramSource, 'model' | 'movesTransposes' | 'isSmall' | 'givesMemoryBack'>,
    externalData: readonly ExternalData[],
    count: number,
  ): OrtSession {
    const threads = isSmall ? 1 : Math.max(1, Math.floor(this.options.threads / count))
    try {
      const session = new this.ort.binding.InferenceSession()
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        ...sessionOptions({ ...this.options, threads }, kind),
        externalData,
      })
      return session
    } catch (cause) {
      throw describeFailure(cause, 'build-failed', this.options)
    }
  }

  /** Computes `fetches` from `feeds`, in place. */
  run(session: OrtSession, feeds: Record<string, OrtTensor>, fetches: Record<string, OrtTensor>): void {
    try {
      session.run(feeds, fetches, {})
    } catch (cause) {
      throw describeFailure(cause, 'run-failed', this.options)
    }
  }

  dispose(session: OrtSession): void {
    if (this.options.profile) session.endProfiling()
    session.dispose()
  }

  /** A tensor over the beginning of an array. */
  tensorOver(data: TypedArray, { dtype, shape }: Port): OrtTensor {
    const length = shape.reduce((n, d) => n * d, 1)
    return new this.ort.Tensor(dtype, data.length === length ? data : data.subarray(0, length), shape)
  }
}

export const byteLengthOf = ({ dtype, shape }: Port): number => shape.reduce((n, d) => n * d, bytesPerElement[dtype])
