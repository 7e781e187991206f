import type { JsonValue } from '@pilotjs/core'
import type { Settings } from '../planning/settings'
import type { Grid, SweepSettings } from './sweep-settings'
import { settingAxisNames } from './sweep-settings'

/** One method with one value of everything, for all seeds. */
export interface Cell {
  /** A method's name, a package, or a config's file. */
  readonly target: string
  /** Seeds undefined: those of the config, or the default. */
  readonly settings: Settings
  /** What sets it apart from the others of its grid: `increment=5`, `poolSize=10`; without its seed. */
  readonly differs: readonly string[]
}

/** Something that is gone through. */
interface Axis {
  readonly name: string
  readonly values: readonly JsonValue[]
  /** Path of a method's option; undefined for a setting. */
  readonly option?: readonly string[]
}

/** The grids of a sweep: itself, or each of its `runs` with what stands outside added. */
export const gridsOf = (sweep: SweepSettings): Grid[] =>
  sweep.runs?.map((own) => ({ ...sweep, ...own, options: { ...sweep.options, ...own.options } })) ?? [sweep]

/** How many runs a sweep asks for; nothing is made for that. Methods that are configs may bring several seeds of their own. */
export const countRuns = (sweep: SweepSettings): number =>
  gridsOf(sweep).reduce(
    (sum, grid) =>
      sum +
      (grid.methods ?? []).reduce(
        (own, target) =>
          own + axesOf(grid, target).reduce((product, { values }) => product * values.length, seeds(grid)),
        0,
      ),
    0,
  )

const seeds = (grid: Grid) => grid.seeds?.length ?? 1

/** Every cell of a sweep, one after the other. */
export function* cellsOf(sweep: SweepSettings): Generator<Cell> {
  for (const grid of gridsOf(sweep))
    for (const target of grid.methods ?? []) {
      const axes = axesOf(grid, target)
      const count = axes.reduce((product, { values }) => product * values.length, 1)
      for (let index = 0; index < count; index++) yield cellAt(grid, target, axes, index, sweep.engine)
    }
}

/** The last axis goes round fastest. */
function cellAt(grid: Grid, target: string, axes: readonly Axis[], index: number, engine: string | undefined): Cell {
  const settings: Record<string, JsonValue> = {}
  const options: Record<string, JsonValue> = {}
  const differs: string[] = []
  let rest = index
  for (const { name, values, option } of axes.toReversed()) {
    const value = values[rest % values.length]!
    rest = Math.floor(rest / values.length)
    if (option) place(options, option, value)
    else settings[name] = value
    if (values.length > 1) differs.unshift(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }
  return { target, settings: { ...settings, seeds: grid.seeds, options, engine } as Settings, differs }
}

function place(options: Record<string, JsonValue>, path: readonly string[], value: JsonValue): void {
  let at = options
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, JsonValue>
  at[path.at(-1)!] = value
}

function axesOf(grid: Grid, target: string): Axis[] {
  const axes = new Map<string, Axis>()
  for (const name of settingAxisNames) {
    const values = grid[name] as readonly JsonValue[] | undefined
    if (values) axes.set(name, { name, values })
  }
  // What is said of one method outdoes what is said of all, wherever it stands.
  for (const wanted of [undefined, target])
    for (const [key, values] of Object.entries(grid.options ?? {})) {
      const scope = scopeOf(key, grid.methods ?? [])
      if (scope !== wanted) continue
      const name = scope === undefined ? key : key.slice(scope.length + 1)
      axes.set(`option ${name}`, { name, values: values as JsonValue[], option: name.split('.') })
    }
  return [...axes.values()]
}

/** The method that an option's name begins with, where it does; the longest, as names may begin alike. */
export const scopeOf = (key: string, methods: readonly string[]): string | undefined =>
  methods.filter((name) => key.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0]
