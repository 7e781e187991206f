export type OnnxErrorCode =
  /** ONNX Runtime is not installed, or does not run here. */
  | 'runtime-missing'
  /** An execution provider is not there. */
  | 'provider-missing'
  /** ONNX Runtime refused a graph. */
  | 'build-failed'
  /** A graph failed while it ran. */
  | 'run-failed'
  /** A thread that computes has ended. */
  | 'thread-ended'
  /** A thread that computes gave no sign of life for too long. */
  | 'thread-silent'
  /** A tensor was read after it was disposed. */
  | 'tensor-disposed'
  /** A synchronous read where there are only asynchronous ones. */
  | 'synchronous-read'
  /** A tensor of a type that no graph knows. */
  | 'unsupported-type'
  /** A kernel that neither this backend nor tfjs' CPU backend has. */
  | 'unsupported-kernel'
  /** An option that makes no sense, or came too late. */
  | 'bad-option'

/** What goes wrong in this backend, by a code that programs can ask for. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError'

  constructor(
    readonly code: OnnxErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(`tfjs-backend-onnx: ${message}`, options)
  }
}

/** An error on its way between threads: a structured clone would lose its class and code. */
export interface PackedError {
  code: OnnxErrorCode
  message: string
  stack: string | undefined
}

export function packError(error: unknown): PackedError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: error instanceof OnnxError ? error.code : 'run-failed', message, stack }
}

export function unpackError({ code, message, stack }: PackedError): OnnxError {
  const error = new OnnxError(code, '')
  return Object.defineProperties(error, {
    message: { value: message, writable: true, configurable: true, enumerable: false },
    stack: { value: stack, writable: true, configurable: true, enumerable: false },
  })
}
