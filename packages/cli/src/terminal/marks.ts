/** `0:07`, `3:25`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

const HEIGHTS = '▁▂▃▄▅▆▇█'

/** Percentages as a row of little bars. */
export const sparkline = (values: readonly number[]): string =>
  values.map((value) => HEIGHTS[Math.max(0, Math.min(7, Math.floor((value / 100) * 8)))]).join('')

/** A bar of `width` signs: what is done, and what is left. */
export function bar(fraction: number, width: number): { readonly done: string; readonly left: string } {
  const filled = Math.max(0, Math.min(width, Math.round(fraction * width)))
  return { done: '━'.repeat(filled), left: '─'.repeat(width - filled) }
}
