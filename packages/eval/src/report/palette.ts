/** Colours that are told apart well side by side, for light and for dark pages. */
const light = ['#1f6feb', '#d1541b', '#14866d', '#8a3ffc', '#b8860b', '#c2185b', '#35708f', '#6b7280']
const dark = ['#6ea8fe', '#ff9a5c', '#4fd1b0', '#c4a1ff', '#e8c34d', '#ff86b0', '#7cc4e8', '#a8b0bb']

/** Degrees that put each next hue into the widest gap (the golden angle). */
const STEP = 137.508

/** `--s0 … --s(n − 1)` for both kinds of page: the colours above, then as many more as are needed, no two alike. */
export function paletteStyle(count: number): string {
  const list = (known: readonly string[], more: (hue: number) => string) =>
    Array.from({ length: count }, (_, i) => `--s${i}: ${known[i] ?? more(Math.round((i * STEP) % 360))};`).join(' ')
  return (
    `:root { ${list(light, (hue) => `hsl(${hue} 62% 38%)`)} }\n` +
    `@media (prefers-color-scheme: dark) { :root { ${list(dark, (hue) => `hsl(${hue} 70% 72%)`)} } }`
  )
}
