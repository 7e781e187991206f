/** `0:07`, `3:25`, `1:02:09` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** `1 task`, `3 tasks` */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** A text without its colours, which take no room on a line. */
// eslint-disable-next-line no-control-regex -- colours are control characters
export const stripped = (text: string) => text.replace(/\u001b\[\d+m/g, '')

const HEIGHTS = '▁▂▃▄▅▆▇█'

/** Percentages as a row of little bars. */
export const sparkline = (values: readonly number[]): string =>
  values.map((value) => HEIGHTS[Math.max(0, Math.min(7, Math.floor((value / 100) * 8)))]).join('')

/** A bar of `width` signs: what is done, and what is left. */
export function bar(fraction: number, width: number): { readonly done: string; readonly left: string } {
  const filled = Math.max(0, Math.min(width, Math.round(fraction * width)))
  return { done: '━'.repeat(filled), left: '─'.repeat(width - filled) }
}
