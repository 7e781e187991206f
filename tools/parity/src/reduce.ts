import { resolve } from 'node:path'
import { selectEngine } from '@pilotjs/core/node'
import { fixtures } from './default-golden'
import { reduceGolden } from './reduce-golden'

// usage: node dist/reduce.js GOLDEN [METHOD/CASE …]: rewrites this package's reduced copies from a directory of full records, or
// adds some.
const [golden, ...added] = process.argv.slice(2)
if (!golden) throw new Error('usage: node dist/reduce.js GOLDEN [METHOD/CASE …]')
await selectEngine('cpu')
await reduceGolden(resolve(golden), fixtures, added)
