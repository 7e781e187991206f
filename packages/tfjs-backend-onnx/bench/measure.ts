export interface Timing {
  engine: string
  /** Milliseconds of a step: quickest, median. */
  min: number
  median: number
  /** Median CPU milliseconds of a step over all threads: what counts on a machine that others use as well. */
  cpu: number
  samples: number
}

export interface Contender {
  engine: string
  step: () => unknown
}

const middle = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Times each contender's step for `seconds` altogether, two runs to warm up not counted. They take turns, so that
 * what else the machine does hits all of them alike.
 */
export async function measure(contenders: readonly Contender[], seconds: number): Promise<Timing[]> {
  for (const { step } of contenders) for (let i = 0; i < 2; i++) await step()
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
    samples: wall[i]!.length,
  }))
}
