// What `npm start` and `npm test` share. Plain JavaScript with nothing installed: this runs before there is anything else.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const [wantedMajor, wantedMinor] = manifest.engines.node.match(/\d+/g).map(Number)

/**
 * Runs a program in the repository's root; resolves with its exit code. `onLine` also sees each line it prints; `quiet` shows
 * what it prints only if it fails.
 */
function run(command, args, { onLine, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['inherit', onLine || quiet ? 'pipe' : 'inherit', 'inherit'],
      // npx is a .cmd file on Windows, which only a shell can start.
      shell: process.platform === 'win32',
      env: {
        ...process.env,
        TURBO_TELEMETRY_DISABLED: '1',
        DO_NOT_TRACK: '1',
        // npm warns of settings that it handed on itself, or that pnpm did: no business of whoever started this.
        npm_config_loglevel: process.env.npm_config_loglevel ?? 'error',
      },
    })
    let rest = ''
    const kept = []
    child.stdout?.on('data', (chunk) => {
      if (quiet) return kept.push(chunk)
      process.stdout.write(chunk)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()
      lines.forEach(onLine)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code !== 0) kept.forEach((chunk) => process.stdout.write(chunk))
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}

/** Stops with one readable line where Node is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  console.error(
    `pilotjs needs Node ${wantedMajor}.${wantedMinor} or newer; this is ${process.version}. Get one from nodejs.org and try again.`,
  )
  process.exit(1)
}

const pnpm = (args, options) => run('npx', ['--yes', manifest.packageManager, ...args], options)

/** Installs when there is nothing yet, or when the lock file is newer than what is installed. */
export async function installIfNeeded() {
  const installed = `${root}node_modules/.modules.yaml`
  const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}pnpm-lock.yaml`).mtimeMs
  if (fresh) return
  console.log('Installing from the npm registry (once) …')
  await orExit(pnpm(['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']))
}

/** Runs turborepo's tasks over the packages. Through pnpm, because turbo asks for one on the PATH and there may be none. */
export const turbo = (args, options) => pnpm(['exec', 'turbo', 'run', ...args, '--concurrency=2'], options)

/** Builds what is named, and what that needs; ends this process where it fails. */
export async function build(filters, tasks = ['build']) {
  console.log('Building … (a minute or two the first time)')
  const named = filters.map((filter) => `--filter=${filter}`)
  await orExit(turbo([...tasks, ...named, '--output-logs=errors-only', '--log-prefix=none'], { quiet: true }))
}

/** Runs a script of an installed tool. */
export const node = (script, args, options) => run(process.execPath, [`${root}${script}`, ...args], options)

/** Ends this process where a step failed. */
export async function orExit(step) {
  const code = await step
  if (code !== 0) process.exit(code)
}
