import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fileServer, whole } from './__fixtures__/file-server'
import { connectionInWords } from './in-words'
import { readWhole, request } from './request'

const running: Server[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of running.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A proxy that leads through, and what it was asked for. */
async function proxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer()
  server.on('connect', (request, socket) => {
    asked.push(request.url!)
    const [host, port] = request.url!.split(':') as [string, string]
    const onwards = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onwards.pipe(socket).pipe(onwards)
    })
    onwards.on('error', () => socket.destroy())
    socket.on('error', () => onwards.destroy())
  })
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const text = async (url: string) => Buffer.from(await readWhole(await request(url), 1000)).toString()

describe('request', () => {
  it("goes through the environment's proxy, unless NO_PROXY excepts the server", async () => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'])
      vi.stubEnv(name, '')
    const { url } = await fileServer(whole(Buffer.from('hello')))
    const through = await proxy()
    expect(await text(url)).toBe('hello')
    expect(through.asked).toEqual([])
    vi.stubEnv('HTTP_PROXY', through.url)
    expect(await text(url)).toBe('hello')
    expect(through.asked).toEqual([new URL(url).host])
    vi.stubEnv('NO_PROXY', '127.0.0.1')
    expect(await text(url)).toBe('hello')
    expect(through.asked).toHaveLength(1)
  })

  it('says what the proxy answered where it leads nowhere', async () => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'])
      vi.stubEnv(name, '')
    const server = createServer()
    server.on('connect', (_, socket) => socket.end('HTTP/1.1 502 no\r\n\r\n'))
    running.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const error: unknown = await request('https://example.org/file').catch((thrown: unknown) => thrown)
    expect(connectionInWords(error)).toMatch(/Proxy response \(502\)/)
  })

  it('cuts off a short answer that does not end', async () => {
    const { url } = await fileServer((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(500)));
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
    })
    await expect(text(url)).rejects.toThrow('the server answers with more than 1000 bytes')
  })

  it('gives up on a server that never answers', async () => {
    const { url } = await fileServer(() => undefined)
    await expect(request(url, { silence: 40 })).rejects.toThrow(/the server was silent/)
  })
})
