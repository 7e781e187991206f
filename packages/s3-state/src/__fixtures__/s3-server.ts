import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import getPort from 'get-port'

/** A store of one's own that speaks S3, in the memory of a process. */
export interface TestS3 {
  /** What a client reads from its environment. */
  readonly env: Readonly<Record<string, string>>
  /** An empty bucket. */
  readonly bucket: string
  /** All that is in it. */
  keys(): Promise<string[]>
  stop(): Promise<void>
}

/** Whether there is one here (https://docs.getmoto.org); where not, says in one line what is left out. */
export function hasS3(leftOut: string): boolean {
  const found = spawnSync('moto_server', ['--help']).status === 0
  if (!found) console.warn(`left out, as there is no moto_server (pip install 'moto[server]'): ${leftOut}`)
  return found
}

export const SECRET = 'streng-geheim'

export async function testS3(): Promise<TestS3> {
  const port = await getPort({ host: '127.0.0.1' })
  const server: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  // It says that it is ready only by being so.
  while (!(await fetch(url).then((answer) => answer.ok, () => false))) {
    if (server.exitCode !== null) throw new Error(`moto_server ended with ${server.exitCode}`)
    await new Promise((again) => setTimeout(again, 50))
  }
  const bucket = 'runs'
  await fetch(`${url}/${bucket}`, { method: 'PUT' })
  return {
    env: {
      ...{ AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'somebody', AWS_SECRET_ACCESS_KEY: SECRET },
    },
    bucket,
    async keys() {
      const listed = await fetch(`${url}/${bucket}?list-type=2`)
      return [...(await listed.text()).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key!)
    },
    async stop() {
      server.kill('SIGKILL')
      await ended
    },
  }
}
