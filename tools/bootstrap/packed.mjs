// `npm run packed`: every package packed as npm would get it, installed in an empty project, and tried on several versions of Node.
import { installIfNeeded, node, orExit, requireNode, turbo } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await orExit(
  turbo([
    'build',
    'types',
    '--filter=./packages/**',
    '--filter=@pilotjs/pack-check',
    '--output-logs=errors-only',
    '--log-prefix=none',
  ]),
)
process.exit(await node('tools/pack-check/dist/main.js', process.argv.slice(2)))
