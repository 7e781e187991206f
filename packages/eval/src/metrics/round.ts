/**
 * numpy's `around`: scaled by a power of ten, rounded to the nearest integer with halves to even, scaled back.
 * PILOT rounds every accuracy to two decimals this way.
 */
export function around(value: number, decimals = 2): number {
  const scale = 10 ** decimals
  const scaled = value * scale
  const below = Math.floor(scaled)
  const rest = scaled - below
  if (Number.isNaN(rest)) return value
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  return (up ? below + 1 : below) / scale
}
