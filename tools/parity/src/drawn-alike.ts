type Values = ArrayLike<number>

/** How many standard errors two draws from one distribution may be apart: among thousands of tensors, none is further by chance. */
const allowed = 6

/**
 * Whether what a learner drew could come from the distribution that PILOT drew from: its generator is another one, so that mean
 * and root mean square are compared, as closely as so many numbers allow. Numbers that both sides have alike were not drawn.
 * @returns what tells them apart, if anything does
 */
export function drawnOtherwise(own: Values, recorded: Values): string | undefined {
  const drawn = Array.from({ length: recorded.length }, (_, i) => i).filter((i) => own[i] !== recorded[i])
  if (drawn.length === 0) return undefined
  const [ours, theirs] = [own, recorded].map((values) => momentsOf(drawn.map((i) => values[i]!))) as [Moments, Moments]
  const errors = allowed / Math.sqrt(drawn.length)
  const told = ({ mean, size }: Moments) => `mean ${mean.toPrecision(3)}, root mean square ${size.toPrecision(3)}`
  const apart =
    // A draw is all zeros or not at all.
    Math.abs(Math.log(ours.size / theirs.size)) > errors ||
    Math.abs(ours.mean - theirs.mean) > Math.SQRT2 * errors * Math.max(ours.size, theirs.size)
  return apart ? `${drawn.length} numbers begin with ${told(ours)}; PILOT's with ${told(theirs)}` : undefined
}

interface Moments {
  readonly mean: number
  /** Root mean square. */
  readonly size: number
}

function momentsOf(values: readonly number[]): Moments {
  const sum = (of: (value: number) => number) => values.reduce((total, value) => total + of(value), 0)
  return { mean: sum((value) => value) / values.length, size: Math.sqrt(sum((value) => value ** 2) / values.length) }
}
