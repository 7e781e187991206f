// Bundles and runs a bench: node bench/run.mjs [leak] [options]
//   --rows TEXT,…  rows whose name contains one of the texts (none of them with a comma)
//   --seconds N    time for each row and engine                  --batch N     other batches than the standard ones
//   --threads N    compute threads                               --json       results as JSON
//   --inline       compute on the main thread                    --spinning   idle threads wait in a busy loop
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = path.dirname(fileURLToPath(import.meta.url))
const home = path.dirname(here)
const [first = 'main', ...rest] = process.argv.slice(2)
const named = existsSync(path.join(here, `${first}.ts`))
// From there the built worker is found as it is from the sources.
const outfile = path.join(home, 'node_modules', '.cache', `bench-${named ? first : 'main'}.mjs`)
await build({
  entryPoints: [path.join(here, `${named ? first : 'main'}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
})
const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...(named ? rest : process.argv.slice(2))], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
