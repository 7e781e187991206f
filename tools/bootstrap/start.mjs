// `npm start`: install, build, and run the demo. Arguments go to `pilot demo`.
import { build, installIfNeeded, node, requireNode } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await build(['@pilotjs/cli...'])
process.exit(await node('packages/cli/dist/bin.js', ['demo', ...process.argv.slice(2)]))
