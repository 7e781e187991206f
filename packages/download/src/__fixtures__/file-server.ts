import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

export interface FileServer {
  readonly url: string
  /** The `range` header of each request so far. */
  readonly ranges: (string | undefined)[]
}

/** Answers each request with the next of these, the last one again and again. */
export async function fileServer(
  ...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<FileServer> {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    answers[Math.min(ranges.length, answers.length) - 1]!(request, response)
  })
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.tar.gz`, ranges }
}

/** The file, or the rest of it that was asked for. */
export const whole = (file: Buffer) => (request: IncomingMessage, response: ServerResponse) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (start > 0) response.writeHead(206, { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` })
  response.end(file.subarray(start))
}

/** The first bytes; once they have arrived, the line goes dead. */
export const cutAfter =
  (file: Buffer, count: number, arrived: Promise<void>) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-length': file.length })
    response.write(file.subarray(0, count))
    void arrived.then(() => response.destroy())
  }

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, headers).end('nothing here')
  }

const running: Server[] = []
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})
