// `npm start`: install, build, and run the demo. Arguments go to `pilot demo`.
import { installIfNeeded, node, orExit, requireNode, turbo } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await orExit(turbo(['build', '--filter=@pilotjs/cli...', '--output-logs=errors-only', '--log-prefix=none']))
process.exit(await node('packages/cli/dist/bin.js', ['demo', ...process.argv.slice(2)]))
