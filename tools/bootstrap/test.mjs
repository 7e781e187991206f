// `npm test`: install if needed, build, then every package's tests, the type checks and lint. Ends with one line of totals.
import { installIfNeeded, node, requireNode, turbo } from './toolchain.mjs'

requireNode()
await installIfNeeded()

const totals = { passed: 0, failed: 0, skipped: 0 }
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
/** Adds up the closing lines of vitest (`Tests  3 passed | 1 skipped (4)`) and of the suites that count in words. */
function tally(line) {
  const text = line.replace(colours, '')
  if (!/\bTests\s+\d/.test(text) && !/\d+ passed, \d+ failed/.test(text)) return
  for (const [, count, word] of text.matchAll(/(\d+) (passed|failed|skipped)/g)) totals[word] += Number(count)
}

const tests = await turbo(['build', 'test', '--continue'], { onLine: tally })
// One program for the whole house: each package's sources are read once.
const types = await node('node_modules/typescript/bin/tsc', ['--noEmit'])
console.log(types === 0 ? 'types: clean' : 'types: see above')
const lint = await node('node_modules/eslint/bin/eslint.js', ['.', '--max-warnings=0'])
console.log(lint === 0 ? 'eslint: clean' : 'eslint: see above')
const floors = await node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', [
  '--config',
  '.dependency-cruiser.mjs',
  '--output-type',
  'err',
  'packages',
  'tools',
  'examples',
])
console.log(floors === 0 ? 'floors: clean' : 'floors: see above')
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(tests || types || lint || floors)
