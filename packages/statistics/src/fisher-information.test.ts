import { createVariables } from '@pilotjs/core/parameters'
import { dispose, memory, mul, sum, tensor1d } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { diagonalFisher } from './fisher-information'

/** Batches whose loss is x · parameter: its gradient is x. */
async function* slopes(...rows: number[][]): AsyncGenerator<{ x: Tensor; dispose(): void }> {
  for (const row of rows) {
    const x = tensor1d(row)
    yield await Promise.resolve({ x, dispose: () => x.dispose() })
  }
}

describe('diagonalFisher', () => {
  it('is the mean squared gradient, up to a maximum, and leaves nothing behind', async () => {
    const before = memory().numTensors
    const parameters = createVariables({ a: tensor1d([1, 1, 1]), unused: tensor1d([1]) })
    const fisher = await diagonalFisher({
      parameters,
      batches: slopes([0.1, 2, 0], [0.3, 4, 0]),
      loss: ({ x }) => sum(mul(x, parameters.a as Tensor)) as Scalar,
      maximum: 5,
    })
    const found = Object.fromEntries(Object.entries(fisher).map(([name, own]) => [name, Array.from(own.dataSync())]))
    expect(found).toEqual({ a: [expect.closeTo(0.05, 6), 5, 0], unused: [0] })
    dispose([...Object.values(fisher), ...Object.values(parameters)])
    // The two tensors that parameters were made of.
    expect(memory().numTensors).toBe(before + 2)
  })

  it('shows every batch’s gradients and loss', async () => {
    const parameters = createVariables({ a: tensor1d([1, 2]) })
    const seen: unknown[] = []
    const fisher = await diagonalFisher({
      parameters,
      batches: slopes([1, 1], [2, 3]),
      loss: ({ x }) => sum(mul(x, parameters.a as Tensor)) as Scalar,
      observe: ({ a }, batch) => seen.push([batch, Array.from(a!.dataSync())]),
      onLoss: (loss, batch) => seen.push([batch, loss]),
    })
    expect(seen).toEqual([
      [0, [1, 1]],
      [0, 3],
      [1, [2, 3]],
      [1, 8],
    ])
    dispose([...Object.values(fisher), ...Object.values(parameters)])
  })

  it('needs a batch, and stops when told to', async () => {
    const parameters = createVariables({ a: tensor1d([1]) })
    const loss = ({ x }: { x: Tensor; dispose(): void }) => sum(mul(x, parameters.a as Tensor)) as Scalar
    await expect(diagonalFisher({ parameters, batches: slopes(), loss })).rejects.toThrow(/at least one batch/)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(diagonalFisher({ parameters, batches: slopes([1]), loss, signal })).rejects.toThrow('enough')
    dispose(parameters)
  })
})
