import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { JsonValue } from '@pilotjs/core'
import type { SearchSpace } from '@pilotjs/experiment'
import { parseSpace } from '@pilotjs/experiment'
import { UsageError } from '../usage-error'

/**
 * The options to choose: of a JSON file, and of `--choose` flags, which outdo it.
 * @throws UsageError for what cannot be read; ExperimentError `invalid-space`
 */
export async function readSpace(
  file: string | undefined,
  choices: readonly string[],
  cwd: string,
): Promise<SearchSpace> {
  const written = file === undefined ? {} : await readFileAsJson(file, cwd)
  if (typeof written !== 'object' || written === null) throw new UsageError(`${file} holds no search space`)
  return parseSpace({ ...written, ...Object.fromEntries(choices.map(readChoice)) })
}

async function readFileAsJson(file: string, cwd: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(cwd, file), 'utf8')) as unknown
  } catch (error) {
    throw new UsageError(`cannot read ${file} as JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** `epochs=5,10,20`, `learningRate=0.001..0.1`, with `:log` and `:integer` behind a range. */
function readChoice(text: string): [string, unknown] {
  const [, name, values] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || values === undefined)
    throw new UsageError(`--choose takes option=value,… or option=from..to[:log][:integer], got "${text}"`)
  const [, from, to, marks = ''] = /^([-+\d.e]+?)\.\.([-+\d.e]+)((?::(?:log|integer))*)$/i.exec(values) ?? []
  if (from === undefined) return [name, values.split(',').map(readValue)]
  return [
    name,
    {
      from: Number(from),
      to: Number(to),
      ...(marks.includes(':log') ? { scale: 'log' } : {}),
      ...(marks.includes(':integer') ? { integer: true } : {}),
    },
  ]
}

function readValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
