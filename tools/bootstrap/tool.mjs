// `npm run build`, with types, and `npm run TOOL -- …` for a tool under tools/: builds what it needs, then runs it.
import { build, installIfNeeded, node, requireNode } from './toolchain.mjs'

const [name, ...args] = process.argv.slice(2)
requireNode()
await installIfNeeded()
// Tools find methods by name, so that nothing depends on them.
const filters = name === undefined ? [] : [`@pilotjs/${name}`, './packages/methods/*']
await build(filters, name === undefined ? ['build', 'types'] : ['build'])
if (name !== undefined) process.exit(await node(`tools/${name}/dist/main.js`, args))
