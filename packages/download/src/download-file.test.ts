import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutAfter, fileServer, status, whole } from './__fixtures__/file-server'
import { downloadFile } from './download-file'
import type { RemoteFile } from './remote-file'

const file = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i) % 251))
const remote = (url: string): RemoteFile => ({
  url,
  bytes: file.length,
  checksum: { algorithm: 'sha256', digest: createHash('sha256').update(file).digest('hex') },
})
const partial = (to: string) => `${to}.${remote('').checksum!.digest.slice(0, 12)}.partial`
let folder = ''
let made = 0
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pilotjs-download-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const target = () => join(folder, String(made++), 'cache', 'data.tar.gz')
const put = (path: string, content: Uint8Array | string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

describe('downloadFile', () => {
  it('fetches, tells how far it is, and follows a redirect', async () => {
    const { url } = await fileServer(whole(file))
    const { url: detour } = await fileServer(status(302, { location: url }))
    const to = target()
    const progress: number[] = []
    await downloadFile(remote(detour), to, { onProgress: (done, total) => progress.push(done / total) })
    expect(readFileSync(to)).toEqual(file)
    expect(progress.at(-1)).toBe(1)
    expect(readdirSync(dirname(to))).toEqual(['data.tar.gz'])
  })

  it('takes up a connection that broke where it broke', async () => {
    let tell: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => (tell = resolve))
    const server = await fileServer(cutAfter(file, 20_000, arrived), whole(file))
    const to = target()
    await downloadFile(remote(server.url), to, { onProgress: (done) => done > 0 && tell() })
    expect(readFileSync(to)).toEqual(file)
    expect(server.ranges[1]).toMatch(/^bytes=\d+-$/)
  })

  it('continues what an earlier run left, and begins anew where the server cannot', async () => {
    const server = await fileServer(whole(file))
    const to = target()
    put(partial(to), file.subarray(0, 30_000))
    await downloadFile(remote(server.url), to)
    expect(server.ranges).toEqual(['bytes=30000-'])
    expect(readFileSync(to)).toEqual(file)

    const plain = await fileServer((_, response) => response.end(file))
    const again = target()
    put(partial(again), file.subarray(0, 30_000))
    await downloadFile(remote(plain.url), again)
    expect(readFileSync(again)).toEqual(file)
  })

  it('asks no server when all of it is there', async () => {
    const to = target()
    put(partial(to), file)
    await downloadFile(remote('http://127.0.0.1:9/never'), to)
    expect(readFileSync(to)).toEqual(file)
  })

  it('discards a leftover that is wrong and fetches all of it again', async () => {
    const server = await fileServer(whole(file))
    const to = target()
    put(partial(to), Buffer.alloc(30_000, 9))
    await downloadFile(remote(server.url), to)
    expect(server.ranges).toEqual(['bytes=30000-', undefined])
    expect(readFileSync(to)).toEqual(file)
  })

  it('keeps nothing that is corrupt, too long or too short under the name', async () => {
    const to = target()
    const corrupt = await fileServer(whole(Buffer.alloc(file.length, 1)))
    await expect(downloadFile(remote(corrupt.url), to)).rejects.toThrow(
      /its sha256 is [0-9a-f]+ instead of [0-9a-f]+: something on the way/,
    )
    await expect(downloadFile(remote(corrupt.url), to)).rejects.toMatchObject({ code: 'wrong-content' })
    const long = await fileServer(whole(Buffer.concat([file, file])))
    await expect(downloadFile(remote(long.url), to)).rejects.toThrow('the answer is longer than 50000 bytes')
    expect(existsSync(partial(to))).toBe(false)
    const short = await fileServer((_, response) => response.end(file.subarray(0, 100)))
    await expect(downloadFile(remote(short.url), to, { retries: 1 })).rejects.toThrow(
      'it stopped at 100 of 50000 bytes: the server sends no more. What has arrived is kept',
    )
    expect(existsSync(to)).toBe(false)
    expect(existsSync(partial(to))).toBe(true)
  })

  it('gives up at once on a refusal, and asks again after a failure of the server', async () => {
    const gone = await fileServer(status(404))
    await expect(downloadFile(remote(gone.url), target())).rejects.toThrow(
      /cannot download http.*: the server answered 404: there is no such file$/,
    )
    expect(gone.ranges).toHaveLength(1)
    const busy = await fileServer(status(503), whole(file))
    await downloadFile(remote(busy.url), target())
    expect(busy.ranges).toHaveLength(2)
  })

  it('says so when nobody answers, or the folder cannot be written', async () => {
    await expect(downloadFile(remote('http://127.0.0.1:9/x'), target(), { retries: 0 })).rejects.toThrow(
      /cannot download http:\/\/127\.0\.0\.1:9\/x: it stopped at 0 of 50000 bytes: fetch failed/,
    )
    const { url } = await fileServer(whole(file))
    const blocked = put(join(folder, 'file'), '')
    await expect(downloadFile(remote(url), join(blocked, 'data'))).rejects.toMatchObject({
      code: 'disk',
      reason: expect.stringContaining('a part of the path is a file, not a folder: choose another folder') as string,
    })
  })

  it('stops when it is told to, and keeps what has arrived', async () => {
    const controller = new AbortController()
    const server = await fileServer((_, response) => {
      response.write(file.subarray(0, 1000))
    })
    const to = target()
    const stopped = downloadFile(remote(server.url), to, {
      signal: controller.signal,
      onProgress: (done) => void (done > 0 && controller.abort(new Error('enough'))),
    })
    await expect(stopped).rejects.toThrow('enough')
    expect(readFileSync(partial(to)).length).toBeGreaterThan(0)
    expect(server.ranges).toHaveLength(1)
  })

  it.each([
    [401, 'unauthorized', /it wants credentials/],
    [403, 'refused', /it refuses access/],
    [429, 'too-many-requests', /too many requests; try again in 30 seconds/],
  ] as const)('says what %i means, and does not insist', async (code, kind, words) => {
    const server = await fileServer(status(code, { 'retry-after': '30' }))
    const failed = downloadFile({ ...remote(server.url), name: 'owner/file' }, target())
    await expect(failed).rejects.toThrow(words)
    await expect(failed).rejects.toMatchObject({ code: kind, status: code })
    expect(server.ranges).toHaveLength(1)
  })

  it('waits for a server that asks for a short pause', async () => {
    const server = await fileServer(status(429, { 'retry-after': '0' }), whole(file))
    await downloadFile(remote(server.url), target())
    expect(server.ranges).toHaveLength(2)
  })

  it('does not take a sign-in page for the file', async () => {
    const page = await fileServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>sign in</html>'),
    )
    const to = target()
    await expect(downloadFile(remote(page.url), to)).rejects.toMatchObject({ code: 'web-page' })
    expect(readdirSync(dirname(to))).toEqual([])
  })

  it('does not wait for ever for a server that falls silent', async () => {
    const server = await fileServer((_, response) => void response.write(file.subarray(0, 1000)))
    const to = target()
    await expect(downloadFile(remote(server.url), to, { silence: 50, retries: 0 })).rejects.toThrow(
      /it stopped at 1000 of 50000 bytes: the server was silent/,
    )
  })

  it('lets two ask for the same file at once, and takes over from a process that died', async () => {
    const server = await fileServer(whole(file))
    const to = target()
    put(join(`${to}.lock`, 'gone.json'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
    await Promise.all([downloadFile(remote(server.url), to), downloadFile(remote(server.url), to)])
    expect(readFileSync(to)).toEqual(file)
    expect(readdirSync(dirname(to))).toEqual(['data.tar.gz'])
  })
})
