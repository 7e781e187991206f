import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRng } from '@pilotjs/core/random'
import { type HubServer, startHubServer } from './__fixtures__/hub-server'
import { downloadFromHub } from './hub-file'
import type { DownloadProgress } from './hub-file'

const content = Uint8Array.from(
  { length: 300_000 },
  (
    (rng) => () =>
      rng.int(256)
  )(createRng(1)),
)
const small = new TextEncoder().encode('{"architecture":"vit"}')

let hub: HubServer
let cache: string
beforeEach(async () => {
  hub = await startHubServer({ 'model.safetensors': content, 'config.json': small })
  cache = await mkdtemp(join(tmpdir(), 'pilot-hub-'))
  vi.stubEnv('PILOT_CACHE', cache)
  vi.stubEnv('HF_ENDPOINT', hub.endpoint)
  vi.stubEnv('HF_HUB_OFFLINE', undefined)
  vi.stubEnv('HF_TOKEN', undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  await rm(cache, { recursive: true })
})

const fetchModel = (options?: Parameters<typeof downloadFromHub>[2]) =>
  downloadFromHub('some/model', 'model.safetensors', options)
const holdsContent = async (path: string) => (await readFile(path)).equals(content)
const folder = () => join(cache, 'hub/some--model/main')

describe('downloadFromHub', () => {
  it('downloads once, with progress, into the cache that the environment names', async () => {
    const progress: DownloadProgress[] = []
    const path = await fetchModel({ onProgress: (event) => progress.push(event) })
    expect(path).toBe(join(folder(), 'model.safetensors'))
    expect(await holdsContent(path)).toBe(true)
    expect(progress[0]).toEqual({ file: 'some/model/model.safetensors', received: 0, total: content.length })
    expect(progress.at(-1)!.received).toBe(content.length)
    expect((await readdir(folder())).sort()).toEqual(['model.safetensors', 'model.safetensors.json'])
    await fetchModel()
    expect(hub.requests).toEqual(['GET model.safetensors'])
  })

  it("checks small files by git's own id", async () => {
    hub.answers.push('corrupt')
    const path = await downloadFromHub('some/model', 'config.json')
    expect(await readFile(path, 'utf8')).toBe('{"architecture":"vit"}')
    expect(hub.requests).toEqual(['GET config.json', 'GET config.json'])
  })

  it('goes on where a truncated answer stopped', async () => {
    hub.answers.push('truncate', 'truncate')
    const path = await fetchModel()
    expect(await holdsContent(path)).toBe(true)
    const starts = hub.requests.map((request) => Number(/bytes=(\d+)/.exec(request)?.[1] ?? 0))
    expect(starts).toHaveLength(3)
    expect(starts[0]).toBe(0)
    expect(starts[1]).toBeGreaterThan(0)
    expect(starts[2]).toBeGreaterThan(starts[1]!)
  })

  it('keeps what has arrived when it gives up, and a later start goes on from there', async () => {
    hub.answers.push('truncate', 'unavailable', 'unavailable', 'unavailable', 'unavailable')
    await expect(fetchModel()).rejects.toThrow(
      /model\.safetensors: it stopped at \d+ of 300000 bytes: .*503.* start again/s,
    )
    const [partial] = (await readdir(folder())).filter((name) => name.endsWith('.partial'))
    const kept = (await readFile(join(folder(), partial!))).length
    expect(kept).toBeGreaterThan(0)
    hub.requests.length = 0
    expect(await holdsContent(await fetchModel())).toBe(true)
    expect(hub.requests).toEqual([`GET model.safetensors bytes=${kept}-`])
  })

  it('starts over where the server knows no ranges', async () => {
    hub.answers.push('truncate', 'ignore-range')
    expect(await holdsContent(await fetchModel())).toBe(true)
  })

  it('fetches a corrupted answer again, and names the trouble when it stays', async () => {
    hub.answers.push('corrupt')
    expect(await holdsContent(await fetchModel())).toBe(true)
    expect(hub.requests).toHaveLength(2)
    await rm(folder(), { recursive: true })
    hub.answers.push('corrupt', 'corrupt')
    await expect(fetchModel()).rejects.toThrow(/its sha256 is [0-9a-f]+ instead of [0-9a-f]+: something on the way/)
    expect(await readdir(folder())).toEqual([])
  })

  it('follows redirects, also for a resumed part', async () => {
    hub.answers.push('truncate', 'redirect')
    expect(await holdsContent(await fetchModel())).toBe(true)
    expect(hub.requests.at(-1)).toMatch(/^GET cdn\/model\.safetensors bytes=\d+-$/)
  })

  it('makes do with the cache when offline', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    await expect(fetchModel()).rejects.toThrow(/is not in the cache, and HF_HUB_OFFLINE forbids/)
    expect(hub.requests).toEqual([])
    await fetchModel({ offline: false })
    expect(await fetchModel()).toBe(join(folder(), 'model.safetensors'))
  })

  it('fetches anew what has lost bytes on the disk', async () => {
    const path = await fetchModel()
    await writeFile(path, 'short')
    expect(await holdsContent(await fetchModel())).toBe(true)
  })

  it('says what is wrong with a name, a file and a network', async () => {
    await expect(downloadFromHub('../etc', 'passwd')).rejects.toThrow(/no repository of the Hugging Face Hub/)
    await expect(downloadFromHub('some/model', 'other.bin')).rejects.toThrow(/has no file other\.bin at revision main/)
    await expect(downloadFromHub('no/model', 'model.safetensors')).rejects.toThrow(
      /cannot download no\/model.*404: there is no such repository.*and its config\.json too/,
    )
    await expect(fetchModel({ endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(/cannot download .* give its path/)
  })

  it.each([
    [
      { status: 401, headers: { 'x-error-code': 'GatedRepo' } },
      'unauthorized',
      /it is gated: accept its terms at .*some\/model and set HF_TOKEN/,
    ],
    [
      { status: 401 },
      'unauthorized',
      /there is no such repository, or it is private\. Check its name, or set HF_TOKEN/,
    ],
    [{ status: 404 }, 'not-found', /there is no such repository or file\. Check its name/],
    [{ status: 404, headers: { 'x-error-code': 'RevisionNotFound' } }, 'not-found', /has no such revision/],
    [
      { status: 429, headers: { 'retry-after': '30' } },
      'too-many-requests',
      /too many requests; try again in 30 seconds; with a token/,
    ],
    [
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' },
      'web-page',
      /not the Hub: a sign-in page/,
    ],
    [{ status: 200, body: 'endless' }, 'too-large', /answers with more than 1048576 bytes/],
  ] as const)('answers %j in words', async (refusal, code, words) => {
    hub.refusals.push(refusal)
    const failed = fetchModel()
    await expect(failed).rejects.toThrow(words)
    await expect(failed).rejects.toThrow(/Or get model\.safetensors by hand .* and its config\.json too/)
    await expect(failed).rejects.toMatchObject({ name: 'DownloadError', code })
  })

  it('tells a token that is not accepted from one that is missing', async () => {
    hub.refusals.push({ status: 401 })
    await expect(fetchModel({ accessToken: 'hf_old' })).rejects.toThrow(
      /the token that was sent \(HF_TOKEN\) gives no access/,
    )
  })

  it('stops when told to, and keeps what has arrived', async () => {
    const controller = new AbortController()
    const stop = new Error('enough')
    const onProgress = ({ received }: DownloadProgress) => {
      if (received > 0) controller.abort(stop)
    }
    await expect(fetchModel({ signal: controller.signal, onProgress })).rejects.toBe(stop)
    expect((await readdir(folder())).some((name) => name.endsWith('.partial'))).toBe(true)
    expect(await holdsContent(await fetchModel())).toBe(true)
  })

  it('lets two ask for the same file at once', async () => {
    const paths = await Promise.all([fetchModel(), fetchModel()])
    for (const path of paths) expect(await holdsContent(path)).toBe(true)
    expect((await readdir(folder())).sort()).toEqual(['model.safetensors', 'model.safetensors.json'])
  })
})
