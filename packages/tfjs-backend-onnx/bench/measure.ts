export interface Timing {
  engine: string
  /** Milliseconds of a step: quickest, median. */
  min: number
  median: number
  /** Median CPU milliseconds of a step over all threads: what counts on a machine that others use as well. */
  cpu: number
  /** CPU milliseconds of the first step, which builds its programs. */
  first: number
  samples: number
}

export interface Contender {
  engine: string
  step: () => unknown
}

export const middle = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Times each contender's step for `seconds` altogether, after half of that, and two runs at least, to warm up: compilers and
 * caches take their time. They take turns, so that what else the machine does hits all of them alike.
 */
export async function measure(contenders: readonly Contender[], seconds: number): Promise<Timing[]> {
  const warm = performance.now() + seconds * 500
  const first: number[] = []
  for (const { step } of contenders) {
    const used = cpuMs()
    await step()
    first.push(cpuMs() - used)
  }
  for (let i = 1; i < 2 || performance.now() < warm; i++) for (const { step } of contenders) await step()
  const wall = contenders.map(() => [] as number[])
  const cpu = contenders.map(() => [] as number[])
  const end = performance.now() + seconds * 1000
  while (performance.now() < end || wall[0]!.length < 3) {
    for (const [i, { step }] of contenders.entries()) {
      const [start, used] = [performance.now(), cpuMs()]
      await step()
      wall[i]!.push(performance.now() - start)
      cpu[i]!.push(cpuMs() - used)
    }
  }
  return contenders.map(({ engine }, i) => ({
    engine,
    min: Math.min(...wall[i]!),
    median: middle(wall[i]!),
    cpu: middle(cpu[i]!),
    first: first[i]!,
    samples: wall[i]!.length,
  }))
}
