import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis of one's own, that writes down all it is told. */
export interface TestRedis {
  readonly url: string
  readonly port: number
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

/** @param options words for redis-server: `['--requirepass', 'secret']` */
export async function testRedis(options: readonly string[] = [], password = ''): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'pilot-redis-'))
  const port = await freePort()
  let server: ChildProcess | undefined
  const start = async () => {
    const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    server = spawn('redis-server', [...words, '--appendonly', 'yes', '--appendfsync', 'always', ...options], {
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
    url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`,
    port,
    crash: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One that was free a moment ago. */
const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
