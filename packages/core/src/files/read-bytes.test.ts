import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readBytes } from './read-bytes'

describe('readBytes', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('reads a file of this machine', async () => {
    const bytes = await readBytes(new URL(import.meta.url))
    expect(new TextDecoder().decode(bytes)).toContain('reads a file of this machine')
  })

  it('names a file that is not there', async () => {
    await expect(readBytes(new URL('./nothing.bin', import.meta.url))).rejects.toThrow('nothing.bin cannot be read')
  })

  it('takes a path, and an address without a scheme from the page', async () => {
    expect((await readBytes('package.json')).length).toBeGreaterThan(0)
    expect((await readBytes(import.meta.url)).length).toBeGreaterThan(0)
    const asked: string[] = []
    vi.stubGlobal('document', { baseURI: 'https://example.org/app/index.html' })
    vi.stubGlobal('fetch', (url: URL) => {
      asked.push(url.href)
      return Promise.resolve(new Response(new Uint8Array([7])))
    })
    expect([...(await readBytes('/assets/weights-1a2b.bin'))]).toEqual([7])
    await readBytes('./weights.bin')
    expect(asked).toEqual(['https://example.org/assets/weights-1a2b.bin', 'https://example.org/app/weights.bin'])
  })

  it('fetches what lies on a server, and names what does not', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/some') response.end(Buffer.from([1, 2, 3]))
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      expect([...(await readBytes(new URL(`${address}/some`)))]).toEqual([1, 2, 3])
      await expect(readBytes(new URL(`${address}/else`))).rejects.toThrow('404')
    } finally {
      server.close()
    }
  })

  it('says so where there are no files, as in a browser', async () => {
    vi.stubGlobal('process', undefined)
    await expect(readBytes(new URL('file:///some.bin'))).rejects.toThrow('pass the address at which the file is served')
  })
})
