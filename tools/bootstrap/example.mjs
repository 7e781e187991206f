// `npm run example -- NAME`: builds an example of examples/, and what it needs, and runs it.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installIfNeeded, node, orExit, requireNode, turbo } from './toolchain.mjs'

const [name, ...args] = process.argv.slice(2)
const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
if (name === undefined || !existsSync(`${examples}${name}/package.json`)) {
  const names = readdirSync(examples).filter((each) => existsSync(`${examples}${each}/package.json`))
  console.error(`npm run example -- NAME, where NAME is one of ${names.join(', ')}`)
  process.exit(2)
}
requireNode()
await installIfNeeded()
await orExit(turbo(['build', `--filter=@pilotjs/example-${name}...`, '--output-logs=errors-only', '--log-prefix=none']))
process.exit(await node(`examples/${name}/dist/main.js`, args))
