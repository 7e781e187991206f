// Bundles and runs a bench: node bench/run.mjs [leak | tasks | memory] [options]
//   --rows TEXT,…  rows whose name contains one of the texts (none of them with a comma)
//   --seconds N    time for each row and engine                  --batch N     other batches than the standard ones
//   --threads N    compute threads                               --json       results as JSON
//   --inline       compute on the main thread                    --spinning   idle threads wait in a busy loop
//   --behind       a training step's loss is read while the next step runs
//   --tiling, --split-batch, --winograd on|off  the options of these names  --constants MB   the option constantBytes
//   --row NAME     that row only
//   --torch PYTHON the same rows in that Python's PyTorch, each right after this backend's
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = path.dirname(fileURLToPath(import.meta.url))
const home = path.dirname(here)
const [first = 'main', ...rest] = process.argv.slice(2)
const named = existsSync(path.join(here, `${first}.ts`))
const options = named ? rest : process.argv.slice(2)
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

/** Takes an option and its value out of a list. */
function take(list, name) {
  const at = list.indexOf(name)
  return at < 0 ? undefined : list.splice(at, 2)[1]
}

/** Runs a program to its end; what it prints, where that is wanted. */
function run(program, args, isCaptured) {
  const { status, stdout, error } = spawnSync(program, args, {
    stdio: ['inherit', isCaptured ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
  return stdout
}

const ours = ['--expose-gc', outfile]
const python = take(options, '--torch')
if (python === undefined) run(process.execPath, [...ours, ...options], false)
else {
  // Row by row, so that what else the machine does hits both engines alike.
  const wanted = take(options, '--rows')?.split(',')
  const isJson = options.includes('--json')
  const names = JSON.parse(run(process.execPath, [...ours, '--list'], true))
  const results = []
  for (const name of names) {
    if (wanted && !wanted.some((part) => name.includes(part))) continue
    const row = ['--row', name]
    results.push(run(process.execPath, [...ours, ...options, ...row], isJson))
    const valued = ['--tiling', '--split-batch', '--winograd', '--constants']
    const known = options.filter(
      (option, i) =>
        !['--inline', '--behind', '--spinning', ...valued].includes(option) && !valued.includes(options[i - 1]),
    )
    results.push(run(python, [path.join(here, 'torch.py'), ...known, ...row], isJson))
  }
  if (isJson) {
    const runs = results.map((text) => JSON.parse(text))
    const summary = Object.assign({}, ...runs)
    console.log(JSON.stringify({ ...summary, rows: runs.flatMap(({ rows }) => rows) }, null, 2))
  }
}
