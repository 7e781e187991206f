// `npm run docs`: the site of guides, READMEs and the API reference, in site/. Arguments go to tools/docs.
import { installIfNeeded, node, orExit, requireNode, turbo } from './toolchain.mjs'

requireNode()
await installIfNeeded()
await orExit(turbo(['build', '--filter=@pilotjs/docs', '--output-logs=errors-only', '--log-prefix=none']))
process.exit(await node('tools/docs/dist/main.js', process.argv.slice(2)))
