import type { EngineSelection } from './engines'

/**
 * What to tell whoever got the plain JavaScript kernels from `auto`: hours can go by before anybody wonders why. Undefined
 * for every other engine.
 */
export function slowEngineWarning({ engine, passedOver }: EngineSelection): string | undefined {
  if (engine !== 'cpu' || passedOver.length === 0) return undefined
  return [
    'pilotjs computes on TensorFlow.js’ plain JavaScript kernels, a hundred times slower than a native engine, because no other starts:',
    ...passedOver.map(({ engine, reason }) => `  ${engine}: ${reason}`),
  ].join('\n')
}
