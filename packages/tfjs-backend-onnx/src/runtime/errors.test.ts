import { describe, expect, it } from 'vitest'
import { OnnxError, packError, unpackError } from './errors'

describe('errors between threads', () => {
  it('keep class, code, message and stack', () => {
    const error = new OnnxError('provider-missing', 'no GPU')
    const received = unpackError(structuredClone(packError(error)))
    expect(received).toBeInstanceOf(OnnxError)
    expect([received.code, received.message, received.stack]).toEqual([
      'provider-missing',
      'tfjs-backend-onnx: no GPU',
      error.stack,
    ])
  })

  it('get a code where they had none', () => {
    expect(unpackError(packError(new RangeError('too long'))).message).toBe('too long')
    expect(unpackError(packError('strange'))).toMatchObject({ code: 'run-failed', message: 'strange' })
  })
})
