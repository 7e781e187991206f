import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cutAfter, fileServer, status, whole } from '../__fixtures__/file-server'
import { put, scratch } from '../__fixtures__/scratch'
import { downloadFile } from './download'
import type { RemoteFile } from './download'

const file = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i) % 251))
const remote = (url: string): RemoteFile => ({
  url,
  bytes: file.length,
  checksum: { algorithm: 'sha256', digest: createHash('sha256').update(file).digest('hex') },
})
const target = () => join(scratch(), 'cache', 'data.tar.gz')

describe('downloadFile', () => {
  it('fetches, tells how far it is, and follows a redirect', async () => {
    const { url } = await fileServer(whole(file))
    const { url: detour } = await fileServer(status(302, { location: url }))
    const to = target()
    const progress: number[] = []
    await downloadFile(remote(detour), to, { onProgress: (done, total) => progress.push(done / total) })
    expect(readFileSync(to)).toEqual(file)
    expect(progress.at(-1)).toBe(1)
    expect(existsSync(`${to}.part`)).toBe(false)
  })

  it('takes up a connection that broke where it broke', async () => {
    let tell: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => (tell = resolve))
    const server = await fileServer(cutAfter(file, 20_000, arrived), whole(file))
    const to = target()
    await downloadFile(remote(server.url), to, { onProgress: () => tell() })
    expect(readFileSync(to)).toEqual(file)
    expect(server.ranges[1]).toMatch(/^bytes=\d+-$/)
  })

  it('continues what an earlier run left, and begins anew where the server cannot', async () => {
    const server = await fileServer(whole(file))
    const to = target()
    put(`${to}.part`, file.subarray(0, 30_000))
    await downloadFile(remote(server.url), to)
    expect(server.ranges).toEqual(['bytes=30000-'])
    expect(readFileSync(to)).toEqual(file)

    const plain = await fileServer((_, response) => response.end(file))
    const again = target()
    put(`${again}.part`, file.subarray(0, 30_000))
    await downloadFile(remote(plain.url), again)
    expect(readFileSync(again)).toEqual(file)
  })

  it('asks no server when all of it is there', async () => {
    const to = target()
    put(`${to}.part`, file)
    await downloadFile(remote('http://127.0.0.1:9/never'), to)
    expect(readFileSync(to)).toEqual(file)
  })

  it('discards a leftover that is wrong and fetches all of it again', async () => {
    const server = await fileServer(whole(file))
    const to = target()
    put(`${to}.part`, Buffer.alloc(30_000, 9))
    await downloadFile(remote(server.url), to)
    expect(server.ranges).toEqual(['bytes=30000-', undefined])
    expect(readFileSync(to)).toEqual(file)
  })

  it('keeps nothing that is corrupt, too long or too short under the name', async () => {
    const to = target()
    const corrupt = await fileServer(whole(Buffer.alloc(file.length, 1)))
    await expect(downloadFile(remote(corrupt.url), to)).rejects.toThrow(
      /its sha256 is [0-9a-f]+ instead of [0-9a-f]+.*put it at .*data\.tar\.gz/,
    )
    const long = await fileServer(whole(Buffer.concat([file, file])))
    await expect(downloadFile(remote(long.url), to)).rejects.toThrow('the answer is longer than 50000 bytes')
    expect(existsSync(`${to}.part`)).toBe(false)
    const short = await fileServer((_, response) => response.end(file.subarray(0, 100)))
    await expect(downloadFile(remote(short.url), to, { retries: 1 })).rejects.toThrow(
      'the answer ended after 100 of 50000 bytes',
    )
    expect(existsSync(to)).toBe(false)
    expect(existsSync(`${to}.part`)).toBe(true)
  })

  it('gives up at once on a refusal, and asks again after a failure of the server', async () => {
    const gone = await fileServer(status(404))
    await expect(downloadFile(remote(gone.url), target())).rejects.toThrow(
      /Can't download http.*: the server answered 404 Not Found/,
    )
    expect(gone.ranges).toHaveLength(1)
    const busy = await fileServer(status(503), whole(file))
    await downloadFile(remote(busy.url), target())
    expect(busy.ranges).toHaveLength(2)
  })

  it('says so when nobody answers, or the folder cannot be written', async () => {
    await expect(downloadFile(remote('http://127.0.0.1:9/x'), target(), { retries: 0 })).rejects.toThrow(
      "Can't download http://127.0.0.1:9/x: fetch failed",
    )
    const { url } = await fileServer(whole(file))
    const blocked = put(join(scratch(), 'file'), '')
    await expect(downloadFile(remote(url), join(blocked, 'data'))).rejects.toThrow('EEXIST')
  })

  it('stops when it is told to, and keeps what has arrived', async () => {
    const controller = new AbortController()
    const server = await fileServer((_, response) => {
      response.write(file.subarray(0, 1000))
    })
    const to = target()
    const stopped = downloadFile(remote(server.url), to, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(stopped).rejects.toThrow('enough')
    expect(readFileSync(`${to}.part`).length).toBeGreaterThan(0)
    expect(server.ranges).toHaveLength(1)
  })
})
