import { selectEngine } from '@pilotjs/core/node'
import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resultsOf } from './case'
import { suites } from './cases/index'

/** Eight digits tell float32 numbers apart. */
const short = (value: number) => Number(value.toPrecision(8))

it.each(Object.entries(suites))('records %s on the cpu engine', async (suite, cases) => {
  await selectEngine('cpu')
  const recorded: Record<string, unknown> = {}
  for (const own of cases) {
    const results = Object.entries(await resultsOf(own))
    recorded[own.name] = Object.fromEntries(
      results.map(([name, { shape, values }]) => [name, { shape, values: values.map(short) }]),
    )
  }
  expect(Object.keys(recorded)).toHaveLength(cases.length)
  const text = JSON.stringify(recorded).replaceAll(/\},"/g, '},\n"')
  writeFileSync(new URL(`./reference/${suite}.json`, import.meta.url), `${text}\n`)
})
