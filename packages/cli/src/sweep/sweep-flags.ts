import type { JsonValue } from '@pilotjs/core'
import type { SweepInput, SweepSettings } from '@pilotjs/experiment'
import { parseSweep } from '@pilotjs/experiment'
import { UsageError } from '../usage-error'

/** What `pilot sweep` can be told of the grid; each outdoes the file, wherever that says it. */
export interface GridFlags {
  readonly methods?: readonly string[]
  readonly seeds?: readonly number[]
  readonly data?: readonly string[]
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly testPerClass?: number
  readonly backbone?: readonly string[]
  readonly preprocessing?: string
  readonly precision?: readonly string[]
  readonly compat?: readonly string[]
  readonly split?: number
  readonly scenario?: readonly string[]
  readonly initCls?: readonly number[]
  readonly increment?: readonly number[]
  readonly shuffle?: boolean
  readonly set?: readonly string[]
  readonly engine?: string
}

/** The flags as a sweep file would say them. @throws UsageError for a `--set` that is none */
function inputOf({ initCls, trainPerClass, testPerClass, set, ...flags }: GridFlags): SweepInput {
  const { methods, seeds, data, dataRoot, backbone, preprocessing, precision, compat, split: testFraction } = flags
  const { scenario, increment, shuffle, engine } = flags
  const perClass = (trainPerClass ?? testPerClass) ? { train: trainPerClass, test: testPerClass } : undefined
  const options = set && Object.fromEntries(set.map(readAxis))
  const given = {
    ...{ methods, seeds, data, dataRoot, perClass, backbone, preprocessing, precision, compat, testFraction },
    ...{ scenario, baseClasses: initCls, increment, shuffle, options, engine },
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SweepInput
}

/**
 * What a file asks for, outdone by the flags: also where one of its `runs` says otherwise. @throws ExperimentError for no sweep
 */
export function withFlags(file: SweepSettings | undefined, flags: GridFlags): SweepSettings {
  const given = inputOf(flags)
  if (!file) return parseSweep(given, 'what the flags say')
  const over = parseSweep({ methods: ['-'], ...given }, 'what the flags say')
  if (given.methods === undefined) delete over.methods
  const merge = <T extends { readonly options?: object }>(into: T): T => ({
    ...into,
    ...over,
    ...(into.options || over.options ? { options: { ...into.options, ...over.options } } : {}),
  })
  const { runs, ...rest } = merge(file)
  if (!runs) return rest
  const every: Omit<SweepSettings, 'runs' | 'name'> = { ...over }
  delete every.engine
  return {
    ...rest,
    runs: runs.map((own) => ({
      ...own,
      ...every,
      ...(own.options ? { options: { ...own.options, ...over.options } } : {}),
    })),
  }
}

/** `l2p.poolSize=10,20`: values that are JSON are taken as such, everything else as text; a list in brackets is one value. */
function readAxis(setting: string): [string, JsonValue[]] {
  const [, path = '', text = ''] = /^([^=]+)=(.*)$/s.exec(setting) ?? []
  if (path === '' || path.split('.').some((key) => key === '' || key === '__proto__'))
    throw new UsageError(`--set takes option=value,value, or method.option=value,value; got "${setting}"`)
  try {
    const values = JSON.parse(`[${text}]`) as JsonValue[]
    if (values.length > 0) return [path, values]
  } catch {
    // Not JSON: words.
  }
  return [path, text.split(',').map(readValue)]
}

function readValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
