import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestS3 } from './__fixtures__/s3-server'
import { SECRET, hasS3, testS3 } from './__fixtures__/s3-server'
import { objectsAt } from './objects'
import { stateAddress } from './address'
import type { StateStore } from './state-store'
import { openStateStore } from './state-store'

let place = ''
beforeEach(async () => (place = await mkdtemp(join(tmpdir(), 'pilot-s3-'))))
afterEach(() => rm(place, { recursive: true, force: true }))

const put = async (folder: string, files: Record<string, string>) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}
const contents = async (folder: string) => {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const read = entries.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name)
    return [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

describe.skipIf(!hasS3('tests of states in a store that speaks S3'))('states of runs in a bucket', () => {
  let s3: TestS3
  let store: StateStore
  let count = 0
  const before = { ...process.env }
  beforeAll(async () => {
    s3 = await testS3()
    Object.assign(process.env, s3.env)
  })
  afterAll(async () => {
    process.env = before
    await s3.stop()
  })
  beforeEach(() => (store = openStateStore(`s3://${s3.bucket}/test-${count++}`)))
  afterEach(() => store.close())
  const here = () => join(place, 'here')
  const there = () => join(place, 'there')

  it('travel from one machine to another, and what is outdated goes', async () => {
    await store.check()
    expect(await store.find('a')).toBeUndefined()
    const first = await store.claim('a', 3)
    expect(first.begun).toBe(false)
    const whole = { 'config.json': '{}', 'tasks/000/state.bin': 'x'.repeat(100), 'events.jsonl': 'one\n' }
    await put(here(), { ...whole, '.lock/me.json': 'no', 'metrics.json.tmp': 'no' })
    await first.save(here(), false)
    await rm(join(here(), 'tasks/000/state.bin'))
    await put(here(), { 'events.jsonl': 'one\ntwo\n', 'tasks/001/state.bin': 'y' })
    await first.save(here(), false)
    expect(await store.find('a')).toMatchObject({ fence: 3, complete: false })

    const second = await store.claim('a', 5)
    expect(second.begun).toBe(true)
    await second.restore(there())
    const now = { 'config.json': '{}', 'tasks/001/state.bin': 'y', 'events.jsonl': 'one\ntwo\n' }
    expect(await contents(there())).toEqual(now)
    await put(there(), { 'metrics.json': '1' })
    await second.save(there(), true)
    await expect(store.fetch('b', join(place, 'none'))).rejects.toMatchObject({ code: 'state-damaged' })
    await put(join(place, 'out'), { 'left over': '' })
    await store.fetch('a', join(place, 'out'))
    expect(await contents(join(place, 'out'))).toEqual({ ...now, 'metrics.json': '1' })

    const objects = objectsAt(stateAddress(store.shown), process.env)
    // Four files and the head: neither the state of an earlier task nor an earlier diary is left.
    expect(await objects.list('')).toHaveLength(5)
    await store.forget('a')
    expect(await objects.list('')).toEqual([])
    objects.close()
  })

  it('keep out who lost the run, at whatever moment that wakes up', async () => {
    await put(here(), { 'config.json': 'first' })
    await put(there(), { 'config.json': 'second' })
    const asleep = await store.claim('a', 1)
    await asleep.save(here(), false)
    const awake = await store.claim('a', 2)
    await put(here(), { 'config.json': 'late' })
    await expect(asleep.save(here(), true)).rejects.toMatchObject({ code: 'state-taken-over' })
    await awake.save(there(), true)
    await expect(asleep.save(here(), true)).rejects.toMatchObject({ code: 'state-taken-over' })
    for (const fence of [1, 2])
      await expect(store.claim('a', fence)).rejects.toMatchObject({ code: 'state-taken-over' })
    await store.fetch('a', join(place, 'out'))
    expect(await contents(join(place, 'out'))).toEqual({ 'config.json': 'second' })
    // What was forgotten cannot be brought back by who comes late, either.
    await store.forget('a')
    await expect(awake.save(there(), true)).rejects.toMatchObject({ code: 'state-taken-over' })
    expect(await store.find('a')).toBeUndefined()
  })

  it('are claimed by one of many at the same moment', async () => {
    const fences = Array.from({ length: 8 }, (_, i) => i + 1)
    const claims = await Promise.allSettled(fences.map((fence) => store.claim('a', fence)))
    expect(claims.at(-1)).toMatchObject({ status: 'fulfilled' })
    expect((await store.find('a'))!.fence).toBe(8)
    await put(here(), { 'config.json': '{}' })
    const saved = await Promise.allSettled(
      claims.flatMap((c) => (c.status === 'fulfilled' ? [c.value.save(here(), true)] : [])),
    )
    expect(saved.map(({ status }) => status).filter((status) => status === 'fulfilled')).toHaveLength(1)
    expect(saved.at(-1)).toMatchObject({ status: 'fulfilled' })
  })

  it('are told from what was changed behind them', async () => {
    const claim = await store.claim('a', 1)
    await put(here(), { 'config.json': 'mine' })
    await claim.save(here(), true)
    const objects = objectsAt(stateAddress(store.shown), process.env)
    await put(place, { other: 'another' })
    const [key] = (await objects.list('a/')).filter((each) => !each.endsWith('head.json'))
    await objects.upload(key!, join(place, 'other'))
    await expect(store.fetch('a', join(place, 'out'))).rejects.toMatchObject({ code: 'state-damaged' })
    expect(await readdir(place)).not.toContain('out')
    await objects.swap('b/head.json', '{"format":2}', undefined)
    await expect(store.claim('b', 1)).rejects.toMatchObject({
      code: 'state-damaged',
      message: expect.stringContaining('b/head.json is not what was stored there') as string,
    })
    objects.close()
  })

  it('come in parts where a file is large', async () => {
    const claim = await store.claim('a', 1)
    const large = 'pilot'.repeat(3 * 2 ** 20)
    await put(here(), { 'state.bin': large })
    await claim.save(here(), true)
    await store.fetch('a', there())
    expect((await readFile(join(there(), 'state.bin'), 'utf8')) === large).toBe(true)
  })

  it('say in one line that there is no such bucket', async () => {
    await expect(openStateStore('s3://no-such-bucket').check()).rejects.toMatchObject({
      code: 'state-refused',
      message: `the state store has no such bucket (s3://no-such-bucket at ${s3.env.AWS_ENDPOINT_URL})`,
    })
  })
})

describe('a store that cannot be used', () => {
  let server: Server
  let answer: (method: string) => [number, string]
  const env = () => ({
    AWS_ENDPOINT_URL: `http://somebody:${SECRET}@127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  const before = { ...process.env }
  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'somebody', AWS_SECRET_ACCESS_KEY: SECRET })
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        const [status, body] = answer(request.method!)
        response.writeHead(status, { 'content-type': 'application/xml', etag: '"1"' }).end(body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    process.env = before
    server.close()
  })
  const refused = async (other?: NodeJS.ProcessEnv) => {
    const store = openStateStore('s3://runs', other ?? env())
    const error = await store.check().then(
      () => undefined,
      (reason: Error & { code: string }) => reason,
    )
    store.close()
    expect(JSON.stringify([error, error!.message])).not.toContain(SECRET)
    return [error!.code, error!.message]
  }

  it('is one that writes over what it was asked to leave', async () => {
    answer = () => [200, '']
    expect(await refused()).toEqual(['state-unfenced', expect.stringContaining('does not know conditional writes')])
  })

  it('is one that lets us not in', async () => {
    answer = () => [403, '<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>']
    expect(await refused()).toEqual([
      'state-refused',
      expect.stringMatching(
        /^the state store wants other keys, or more rights: SignatureDoesNotMatch \(s3:\/\/runs at http:\/\/127/,
      ),
    ])
  })

  it('is one that is not there', async () => {
    expect(await refused({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toEqual([
      'state-unreachable',
      expect.stringContaining('the state store does not answer: connect ECONNREFUSED 127.0.0.1:1'),
    ])
  })
})
