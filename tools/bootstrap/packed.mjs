// `npm run packed`: every package packed as npm would get it, installed in an empty project, and tried on several versions of
// Node.
import { build, installIfNeeded, node, orExit, requireNode } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await build(['./packages/**', '@pilotjs/pack-check'])
await orExit(node('tools/bootstrap/declarations.mjs', []))
process.exit(await node('tools/pack-check/dist/main.js', process.argv.slice(2)))
