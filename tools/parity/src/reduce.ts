import { resolve } from 'node:path'
import { selectEngine } from '@pilotjs/core/node'
import { fixtures } from './default-golden'
import { reduceGolden } from './reduce-golden'

// usage: node dist/reduce.js GOLDEN: rewrites this package's reduced copies from a directory of full records.
const [golden] = process.argv.slice(2)
if (!golden) throw new Error('usage: node dist/reduce.js GOLDEN')
await selectEngine('cpu')
await reduceGolden(resolve(golden), fixtures)
