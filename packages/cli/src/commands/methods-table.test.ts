import { readFileSync, readdirSync } from 'node:fs'
import type { Method } from '@pilotjs/core'
import { expect, it } from 'vitest'
import { acceptsText } from '../terminal/accepts-text'

const root = new URL('../../../../', import.meta.url)
const names = readdirSync(new URL('packages/methods', root)).sort()

/** The rows of the README's table of methods: the cells of each, by the folder of its package. */
const rows = new Map(
  readFileSync(new URL('README.md', root), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name] = /^\| \[`@pilotjs\/[^`]+`\]\(packages\/methods\/([^)]+)\)/.exec(line) ?? []
      return name === undefined ? [] : [[name, line.split('|').map((cell) => cell.trim())] as const]
    }),
)

it("the README's table has a row for every method", () => {
  expect([...rows.keys()].sort()).toEqual(names)
})

it.each(names)("the README's row of %s says what the method says", async (name) => {
  const { default: method } = (await import(`@pilotjs/${name}`)) as { default: Method }
  const [, , family, , accepts] = rows.get(name)!
  expect({ family, accepts }).toEqual({ family: method.family, accepts: acceptsText(method.accepts) })
})
