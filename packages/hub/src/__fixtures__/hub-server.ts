import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the next request for a file is answered. */
export type Answer =
  /** Half of what is asked for, then the connection breaks. */
  | 'truncate'
  /** One byte is wrong. */
  | 'corrupt'
  /** 302 to another server, as the Hub does. */
  | 'redirect'
  /** The whole file, whatever range is asked for. */
  | 'ignore-range'
  | 'unavailable'

/** A body of `endless` never stops. */
export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HubServer {
  readonly endpoint: string
  /** `GET /path range` of every request for a file's content, in order. */
  readonly requests: string[]
  /** Answers for the next requests; when they are used up, all goes well. */
  readonly answers: Answer[]
  /** In place of the next answers about what files there are. */
  readonly refusals: Refusal[]
  close(): Promise<void>
}

/** As much of the Hugging Face Hub as a download needs: `paths-info`, `resolve` with ranges, and the redirect to a CDN. */
export async function startHubServer(files: Readonly<Record<string, Uint8Array>>): Promise<HubServer> {
  const requests: string[] = []
  const answers: Answer[] = []
  const refusals: Refusal[] = []

  const describe = (path: string) => {
    const content = files[path]
    if (!content) return []
    const lfs = {
      oid: createHash('sha256').update(content).digest('hex'),
      size: content.length,
      pointerSize: 134,
    }
    const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
    return [{ type: 'file', path, size: content.length, oid, ...(path.endsWith('.safetensors') && { lfs }) }]
  }

  const send = (request: IncomingMessage, response: ServerResponse, content: Uint8Array, answer?: Answer) => {
    const range = /^bytes=(\d+)-(\d+)?$/.exec(request.headers.range ?? '')
    const start = range && answer !== 'ignore-range' ? Number(range[1]) : 0
    const end = range?.[2] && answer !== 'ignore-range' ? Number(range[2]) + 1 : content.length
    const body = content.slice(start, end)
    if (answer === 'corrupt') body[body.length - 1]! ^= 1
    response.writeHead(range && answer !== 'ignore-range' ? 206 : 200, {
      'content-length': body.length,
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${content.length}` }),
    })
    if (answer !== 'truncate') return response.end(body)
    response.write(body.subarray(0, body.length >> 1), () => setTimeout(() => response.destroy(), 20))
  }

  const cdn = createServer((request, response) => {
    requests.push(`${request.method} cdn${request.url} ${request.headers.range ?? ''}`.trim())
    send(request, response, files[request.url!.slice(1)]!)
  })
  await new Promise<void>((resolve) => cdn.listen(0, '127.0.0.1', resolve))

  const hub = createServer(async (request, response) => {
    const url = request.url!
    if (request.method === 'POST') {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const { paths } = JSON.parse(Buffer.concat(pieces).toString()) as { paths: string[] }
      const refusal = refusals.shift()
      if (refusal) {
        response.writeHead(refusal.status, { ...refusal.headers })
        if (refusal.body !== 'endless') return response.end(refusal.body ?? '')
        const pour = () => {
          while (!response.destroyed && response.write(' '.repeat(1 << 16)));
          if (!response.destroyed) response.once('drain', pour)
        }
        return pour()
      }
      response.setHeader('content-type', 'application/json')
      if (!url.startsWith('/api/models/some/model/paths-info/main')) {
        response.statusCode = 404
        return response.end(JSON.stringify({ error: 'Repository not found' }))
      }
      return response.end(JSON.stringify(paths.flatMap(describe)))
    }
    const path = url.replace('/some/model/resolve/main/', '')
    requests.push(`GET ${path} ${request.headers.range ?? ''}`.trim())
    const answer = answers.shift()
    if (answer === 'unavailable') {
      response.statusCode = 503
      return response.end('busy')
    }
    if (answer === 'redirect') {
      const { port } = cdn.address() as AddressInfo
      response.writeHead(302, { location: `http://127.0.0.1:${port}/${path}` })
      return response.end()
    }
    send(request, response, files[path]!, answer)
  })
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))

  return {
    endpoint: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    requests,
    answers,
    refusals,
    async close() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}
