import { expect, it } from 'vitest'
import { slowEngineWarning } from './slow-engine'

it('warns of plain JavaScript kernels that nobody asked for, with what kept the others away', () => {
  const passedOver = [{ engine: 'onnx', reason: 'bad magic number' }]
  expect(slowEngineWarning({ engine: 'cpu', backend: 'cpu', passedOver })).toMatch(
    /slower.*\n {2}onnx: bad magic number$/,
  )
  expect(slowEngineWarning({ engine: 'cpu', backend: 'cpu', passedOver: [] })).toBeUndefined()
  expect(slowEngineWarning({ engine: 'tfjs-node', backend: 'tensorflow', passedOver })).toBeUndefined()
})
