import type { JsonValue } from '../contracts/tensors'
import { pilotBackbone } from './pilot-backbones'

/** What a PILOT config says about the experiment around the method. */
export interface PilotStream {
  /** PILOT's name, e.g. `cifar224`. */
  readonly dataset?: string
  /** The catalogue's name for the config's `backbone_type`. */
  readonly backbone?: string
  /** Classes of the first task (`init_cls`) and of each later one (`increment`). */
  readonly baseClasses?: number
  readonly increment?: number
  /** Whether classes come in the order of `numpyPermutation(seed, classes)` rather than their own. PILOT's default: true. */
  readonly shuffle: boolean
  /** One run each. */
  readonly seeds: readonly number[]
}

type Config = Readonly<Record<string, JsonValue>>

/** The keys that are read here. */
export const streamKeys: readonly string[] = [
  'dataset',
  'backbone_type',
  'init_cls',
  'increment',
  'shuffle',
  'seed',
  'model_name',
]

/**
 * Reads stream, data and backbone.
 * @param refuse told of every value that makes no sense
 */
export function readStream(config: Config, refuse: (key: string, problem: string) => void): PilotStream {
  const read = <T>(key: string, fits: (value: JsonValue) => value is JsonValue & T, wanted: string): T | undefined => {
    const value = config[key]
    if (value === undefined || fits(value)) return value
    refuse(key, `must be ${wanted}, is ${JSON.stringify(value)}`)
    return undefined
  }
  const isText = (value: JsonValue): value is string => typeof value === 'string'
  const isCount = (value: JsonValue): value is number => Number.isInteger(value) && (value as number) > 0
  const isFlag = (value: JsonValue): value is boolean => typeof value === 'boolean'
  const isSeed = (value: JsonValue): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff
  /** A number, or the text of one, as shell scripts write it into configs. */
  const isSeedText = (value: JsonValue): value is number | string =>
    isSeed(value) || (typeof value === 'string' && /^\d+$/.test(value.trim()) && isSeed(Number(value)))
  const isSeeds = (value: JsonValue): value is number | string | readonly (number | string)[] =>
    isSeedText(value) || (Array.isArray(value) && value.length > 0 && value.every(isSeedText))

  const type = read('backbone_type', isText, 'a name')
  const seeds = read<number | string | readonly (number | string)[]>(
    'seed',
    isSeeds,
    'a whole number from 0 to 4294967295, or a list of them',
  )
  return {
    dataset: read('dataset', isText, 'a name'),
    backbone: type === undefined ? undefined : (pilotBackbone(type) ?? type),
    baseClasses: read('init_cls', isCount, 'a number of classes'),
    increment: read('increment', isCount, 'a number of classes'),
    shuffle: read('shuffle', isFlag, 'true or false') ?? true,
    seeds: seeds === undefined ? [1993] : [seeds].flat().map(Number),
  }
}
