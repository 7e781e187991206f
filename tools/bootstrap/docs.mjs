// `npm run docs`: the site of guides, READMEs and the API reference, in site/. Arguments go to tools/docs.
import { build, installIfNeeded, node, requireNode } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await build(['@pilotjs/docs'])
process.exit(await node('tools/docs/dist/main.js', process.argv.slice(2)))
