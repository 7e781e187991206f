// `npm run example -- NAME`: builds an example of examples/, and what it needs, and runs it.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, installIfNeeded, node, requireNode } from './toolchain.mjs'

const [name, ...args] = process.argv.slice(2)
const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
if (name === undefined || !existsSync(`${examples}${name}/package.json`)) {
  const names = readdirSync(examples).filter((each) => existsSync(`${examples}${each}/package.json`))
  console.error(`npm run example -- NAME, where NAME is one of ${names.join(', ')}`)
  process.exit(2)
}
requireNode()
await installIfNeeded()
await build([`@pilotjs/example-${name}...`])
process.exit(await node(`examples/${name}/dist/main.js`, args))
