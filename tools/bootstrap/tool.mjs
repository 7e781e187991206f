// `npm run build`, with types, and `npm run TOOL -- …` for a tool under tools/: builds what it needs, then runs it.
import { installIfNeeded, node, orExit, requireNode, turbo } from './toolchain.mjs'

const [name, ...args] = process.argv.slice(2)
requireNode()
await installIfNeeded()
// Tools find methods by name, so that nothing depends on them.
const filter = name === undefined ? [] : [`--filter=@pilotjs/${name}`, '--filter=./packages/methods/*']
await orExit(
  turbo([
    ...(name === undefined ? ['build', 'types'] : ['build']),
    ...filter,
    '--output-logs=errors-only',
    '--log-prefix=none',
  ]),
)
if (name !== undefined) process.exit(await node(`tools/${name}/dist/main.js`, args))
