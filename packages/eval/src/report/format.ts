/** `83.25 %`; a dash where there is no number. */
export const percent = (value: number | null | undefined) =>
  value === null || value === undefined || Number.isNaN(value) ? '–' : `${value.toFixed(2)} %`

/** `-3.10`: a difference of percentages. */
export const points = (value: number | null | undefined) =>
  value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(2).replace(/^-0\.00$/, '0.00')

/** `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 10 min` */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `1,234`, `56.8 k`, `85.80 M` */
export function count(value: number): string {
  if (value < 10_000) return value.toLocaleString('en-US')
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} k` : `${(value / 1e6).toFixed(2)} M`
}
