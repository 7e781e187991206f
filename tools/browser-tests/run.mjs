// Runs the tests of browsers where a Chromium is found, and says in one line when not. `--total` ends with a line of totals.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findChromium } from './find-chromium.mjs'

const chromium = findChromium()
if (!chromium) {
  console.log('browser tests: no Chromium found (PATH, or PILOT_CHROMIUM=/path/to/chromium), so they are left out')
  process.exit(0)
}

const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', import.meta.url))
const own = process.argv.slice(2).filter((argument) => argument !== '--total')
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** Runs the tests of a configuration to their end, showing what they print. */
function run(config) {
  const child = spawn(process.execPath, [vitest, 'run', '--passWithNoTests', '--config', config, ...own], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, PILOT_CHROMIUM: chromium, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk)
    text += chunk
  })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const [line = ''] = /^\s*Tests\s.*$/m.exec(text.replace(colours, '')) ?? []
      const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0)
      resolve({ code: code ?? 1, passed: count('passed'), failed: count('failed') })
    })
  })
}

// In the page itself; and pages as bundlers make them, from outside.
const results = [await run('vitest.config.ts'), await run('vitest.pages.config.ts')]
const sum = (word) => results.reduce((total, result) => total + result[word], 0)
if (process.argv.includes('--total')) console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(results.find(({ code }) => code !== 0)?.code ?? 0)
