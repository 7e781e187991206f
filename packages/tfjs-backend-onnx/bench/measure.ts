import { existsSync, readFileSync } from 'node:fs'

export interface Timing {
  min: number
  median: number
  samples: number
}

/** CPU milliseconds that everything on the machine has used, or undefined where /proc does not tell. */
function machineBusyMs(): number | undefined {
  if (!existsSync('/proc/stat')) return undefined
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number) as [number, number, number, number, number, number, number, number]
  return (user + nice + system + irq + softirq + steal) * 10
}

function ownBusyMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Times `step` after three runs to warm up, until `wanted` samples were taken while other processes used less than a
 * tenth of a core, or `seconds` have passed; in that case the quickest half of all samples counts.
 */
export async function measure(step: () => unknown, seconds: number, wanted = 15): Promise<Timing> {
  for (let i = 0; i < 3; i++) await step()
  const quiet: number[] = []
  const all: number[] = []
  const end = performance.now() + seconds * 1000
  while (quiet.length < wanted && (performance.now() < end || all.length < 4)) {
    const [machine, own, start] = [machineBusyMs(), ownBusyMs(), performance.now()]
    await step()
    const elapsed = performance.now() - start
    const after = machineBusyMs()
    all.push(elapsed)
    const others = machine === undefined ? 0 : after! - machine - (ownBusyMs() - own)
    if (others < 0.1 * elapsed + 10) quiet.push(elapsed)
  }
  all.sort((a, b) => a - b)
  const counted = quiet.length >= 3 ? quiet.sort((a, b) => a - b) : all.slice(0, (all.length + 1) >> 1)
  return { min: counted[0]!, median: counted[counted.length >> 1]!, samples: counted.length }
}
