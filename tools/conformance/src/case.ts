import type { Tensor } from '@tensorflow/tfjs-core'

/** Numbers with their shape, as they are recorded. */
export interface Recorded {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** Something that an engine computes, always of the same numbers. */
export interface ConformanceCase {
  readonly name: string
  /** Its results by name; whoever calls disposes the tensors. */
  run(): Promise<Record<string, Tensor | readonly number[]>> | Record<string, Tensor | readonly number[]>
  /** Largest |a − b| / (1 + |b|). Default 2e-5. */
  readonly tolerance?: number
}

/** Runs a case on the engine that is set, reading asynchronously as an engine in a browser must be read. */
export async function resultsOf(conformanceCase: ConformanceCase): Promise<Record<string, Recorded>> {
  const results = await conformanceCase.run()
  const entries = await Promise.all(
    Object.entries(results).map(async ([name, result]): Promise<[string, Recorded]> => {
      if (!('dataId' in result)) return [name, { shape: [result.length], values: result }]
      const values = Array.from((await result.data()) as ArrayLike<number>)
      result.dispose()
      return [name, { shape: result.shape, values }]
    }),
  )
  return Object.fromEntries(entries)
}
