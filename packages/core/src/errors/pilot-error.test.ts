import { expect, it } from 'vitest'
import { EngineError } from '../engine/engine-error'
import { SampleKeyError } from '../features/feature-cache'
import { PilotConfigError } from '../pilot-config/read-pilot-config'
import { SafetensorsError } from '../safetensors/header'
import { PilotError } from './pilot-error'

it('is what every room throws: a program decides by code and facts, whatever class it is', () => {
  const cause = new Error('why')
  const thrown = [
    new EngineError('engine-silent', 'engine "x" is silent', { engine: 'x', deadline: 5 }, { cause }),
    new SampleKeyError('image:0'),
    new PilotConfigError('epochs is unknown'),
    new SafetensorsError('no header'),
  ]
  const told = thrown.map((error: unknown) =>
    error instanceof PilotError && error instanceof Error ? [error.name, error.code, error.facts] : error,
  )
  expect(told).toEqual([
    ['EngineError', 'engine-silent', { engine: 'x', deadline: 5 }],
    ['SampleKeyError', 'equal-keys', { key: 'image:0' }],
    ['PilotConfigError', 'pilot-config', {}],
    ['SafetensorsError', 'safetensors', {}],
  ])
  expect(thrown[0]!.cause).toBe(cause)
})
