import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { killedRun } from './killed-run'

const program = createRequire(import.meta.url)
  .resolve('@pilotjs/cli/package.json')
  .replace('package.json', 'bin/pilot.js')

/** Two epochs in every phase of a method that has phases, one in which a module is frozen, few exemplars, and a small projection. */
function inShort(method: string): string[] {
  const page = execFileSync(process.execPath, [program, 'list', 'methods', method], { encoding: 'utf8' })
  const short: Record<string, number> = { freezeEpochs: 1, memorySize: 100, memoryPerClass: 1, projectionSize: 500 }
  const names = [...page.matchAll(/^(\w*epochs|memory\w+|projectionSize) /gim)].map(([, name]) => name!)
  return names.filter((name) => name !== 'cosineEpochs').flatMap((name) => ['--set', `${name}=${short[name] ?? 2}`])
}

/** `npm run prove`: every method, the bounds included. */
it.each(readdirSync(new URL('../../../packages/methods', import.meta.url)))(
  '%s comes to the same bytes when it is killed in the middle of a task',
  async (method) => {
    const { killedAt, files } = await killedRun(method, inShort(method))
    console.log(`${method}: ${files} files are equal; killed behind "${killedAt}"`)
    expect(files).toBeGreaterThan(4)
  },
)
