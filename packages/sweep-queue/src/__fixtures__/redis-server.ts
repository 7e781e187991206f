import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'

/** A Redis of one's own, that writes down all it is told. */
export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Where it has TLS: the certificate of who vouches for it, and the file that it is in. */
  readonly ca?: string
  readonly caFile?: string
  /** Forgets everything. */
  flush(): void
  /** All that it ever wrote down. */
  written(): Promise<string>
  /** As a machine that loses power, and comes back. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Whether there is one here; where not, says in one line what is left out. */
export function hasRedis(leftOut: string): boolean {
  const found = spawnSync('redis-server', ['--version']).status === 0
  if (!found) console.warn(`left out, as there is no redis-server (apt-get install redis-server): ${leftOut}`)
  return found
}

/** Whether certificates can be made here; where not, says in one line what is left out. */
export function hasOpenssl(leftOut: string): boolean {
  const found = spawnSync('openssl', ['version']).status === 0
  if (!found) console.warn(`left out, as there is no openssl: ${leftOut}`)
  return found
}

export interface TestRedisOptions {
  readonly password?: string
  /** Whether it speaks TLS, with a certificate that nobody knows who vouches for. */
  readonly tls?: boolean
}

export async function testRedis({ password = '', tls = false }: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'pilot-redis-'))
  const port = await getPort({ host: '127.0.0.1' })
  const caFile = tls ? makeCertificates(folder) : undefined
  const listening = tls
    ? ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...certificateWords(folder)]
    : ['--port', String(port)]
  const secret = password === '' ? [] : ['--requirepass', password]
  let server: ChildProcess | undefined
  const start = async () => {
    const words = [...listening, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    server = spawn('redis-server', [...words, '--appendonly', 'yes', '--appendfsync', 'always', ...secret], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((ready, failed) => {
      server!.on('exit', (code) => failed(new Error(`redis-server ended with ${code}`)))
      server!.stdout!.on('data', (text: Buffer) => text.toString().includes('Ready to accept') && ready())
    })
  }
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((ended) => {
      if (!server || server.exitCode !== null || server.signalCode !== null) return ended()
      server.once('exit', () => ended())
      server.kill(signal)
    })
  await start()
  return {
    url: `${tls ? 'rediss' : 'redis'}://${password ? `:${password}@` : ''}127.0.0.1:${port}`,
    port,
    ...(caFile === undefined ? {} : { caFile, ca: readFileSync(caFile, 'utf8') }),
    flush() {
      const trust = caFile === undefined ? [] : ['--tls', '--cacert', caFile]
      const asked = spawnSync('redis-cli', ['-p', String(port), ...trust, 'FLUSHALL'], {
        env: { ...process.env, ...(password === '' ? {} : { REDISCLI_AUTH: password }) },
        encoding: 'utf8',
      })
      if (asked.stdout.trim() !== 'OK') throw new Error(`redis-cli: ${asked.stdout}${asked.stderr}`)
    },
    async written() {
      const own = join(folder, 'appendonlydir')
      const files = await readdir(own)
      return (await Promise.all(files.map((file) => readFile(join(own, file), 'latin1')))).join('\n')
    },
    crash: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const certificateWords = (folder: string) => [
  ...['--tls-cert-file', join(folder, 'redis.crt'), '--tls-key-file', join(folder, 'redis.key')],
  ...['--tls-ca-cert-file', join(folder, 'ca.crt')],
]

/** An authority of one's own, and a certificate of it for this machine. @returns the authority's file */
function makeCertificates(folder: string): string {
  const openssl = (...words: string[]) => {
    const made = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`openssl ${words.join(' ')}: ${made.stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=pilot test')
  const here = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-addext', 'basicConstraints=CA:FALSE']
  const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key']
  openssl('req', '-x509', ...key, ...by, '-keyout', 'redis.key', '-out', 'redis.crt', '-days', '2', '-subj', '/CN=redis', ...here)
  return join(folder, 'ca.crt')
}
