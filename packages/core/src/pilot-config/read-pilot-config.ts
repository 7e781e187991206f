import type { z } from 'zod'
import type { Method } from '../contracts/method'
import type { PilotRule } from '../contracts/pilot'
import type { JsonValue } from '../contracts/tensors'
import { PilotError } from '../errors/pilot-error'
import { nearestName } from '../names/nearest-name'
import { commonKeys } from './common-keys'
import { withTodaysNames } from './earlier-names'
import { pilotKeys } from './pilot-keys'
import type { PilotStream } from './stream-settings'
import { readStream, streamKeys } from './stream-settings'

/** A PILOT config as this toolbox understands it. */
export interface PilotReading<O> extends PilotStream {
  /** The method's options, validated, its defaults filled in. */
  readonly options: O
  /** Keys that change nothing, and why. */
  readonly ignored: readonly { readonly key: string; readonly reason: string }[]
}

/** A PILOT config that cannot be followed; the message lists every key that stands in the way. */
export class PilotConfigError extends PilotError<'pilot-config'> {
  override readonly name = 'PilotConfigError'
  constructor(message: string) {
    super('pilot-config', message)
  }
}

type Config = Readonly<Record<string, JsonValue>>
type Options = Record<string, JsonValue>

const isRecord = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The method that a JSON value asks for by today's PILOT name, if it looks like one of PILOT's `exps/*.json`; undefined for any
 * other value.
 */
export function pilotModelName(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined
  const { model_name: modelName } = withTodaysNames(value)
  return typeof modelName === 'string' ? modelName : undefined
}

/**
 * Reads one of PILOT's `exps/*.json` for a method: every key is mapped to an option or setting, ignored with a reason, or
 * refused.
 * @throws PilotConfigError listing every key that is unknown or asks for what the method does not have
 */
export function readPilotConfig<Schema extends z.ZodType>(
  written: unknown,
  method: Pick<Method<Schema>, 'name' | 'options' | 'pilot'>,
): PilotReading<z.output<Schema>> {
  if (!isRecord(written))
    throw new PilotConfigError('a PILOT config is a JSON object, such as those in its folder exps')
  const { pilot } = method
  if (!pilot) throw new PilotConfigError(`method "${method.name}" does not read PILOT configs; give its own options`)
  const config = withTodaysNames(written)
  const { model_name: modelName } = config
  if (typeof modelName !== 'string' || !pilot.modelNames.includes(modelName))
    throw new PilotConfigError(
      `model_name is ${JSON.stringify(modelName)}; method "${method.name}" reads configs of ${pilot.modelNames.join(', ')}`,
    )
  const problems: string[] = []
  const refuse = (key: string, problem: string) => void problems.push(`${key} ${problem}`)
  const stream = readStream(config, refuse)
  const options: Options = { ...pilot.implied?.(modelName) }
  const ignored: { key: string; reason: string }[] = []
  const origins = new Map<string, string>()
  const known = [...Object.keys(pilot.keys), ...Object.keys(commonKeys), ...streamKeys]

  const apply = (key: string, value: JsonValue, rule: PilotRule) => {
    if (typeof rule === 'string') take(key, { [rule]: value })
    else if ('read' in rule) take(key, rule.read(value, config))
    else if ('ignored' in rule) ignored.push({ key, reason: rule.ignored })
    else if (!rule.accepts.some((accepted) => sameJson(accepted, value)))
      refuse(
        key,
        `is ${JSON.stringify(value)}, understood is ${rule.accepts.map((accepted) => JSON.stringify(accepted)).join(' or ')}: ${rule.reason}`,
      )
  }
  const take = (key: string, values: Readonly<Options>) => {
    Object.assign(options, values)
    for (const option of Object.keys(values)) origins.set(option, key)
  }

  for (const [key, value] of Object.entries(config)) {
    const rule = ownRule(pilot.keys, key) ?? (streamKeys.includes(key) ? undefined : ownRule(commonKeys, key))
    if (rule !== undefined) apply(key, value, rule)
    else if (pilotKeys.has(key)) ignored.push({ key, reason: `${modelName} has no use for it` })
    else if (!streamKeys.includes(key)) {
      const nearest = nearestName(key, known)
      refuse(key, `is not a key that ${modelName} has${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`)
    }
  }
  const parsed = method.options.safeParse(options)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const option = path.join('.')
    const key = origins.get(String(path[0]))
    problems.push(`${key === undefined ? '' : `${key}, read as `}option ${option}: ${message}`)
  }
  if (problems.length > 0 || !parsed.success)
    throw new PilotConfigError(
      `this PILOT config cannot be followed:\n${problems.map((text) => `  ${text}`).join('\n')}`,
    )
  return { ...stream, options: parsed.data, ignored }
}

const ownRule = (rules: Readonly<Record<string, PilotRule>>, key: string): PilotRule | undefined =>
  Object.hasOwn(rules, key) ? rules[key] : undefined

function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [left, right] = [Object.entries(a), b as Readonly<Record<string, JsonValue>>]
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(right, key) && sameJson(value as JsonValue, right[key]!))
  )
}
