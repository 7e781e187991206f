import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestRedis } from './__fixtures__/redis-server'
import { hasOpenssl, hasRedis, testRedis } from './__fixtures__/redis-server'
import { addressOf, connect } from './connection'

it('reads addresses, and shows them without name and password', () => {
  expect(addressOf({ url: 'redis://localhost' })).toMatchObject({
    shown: 'redis://localhost:6379',
    options: { port: 6379 },
  })
  expect(addressOf({ url: 'rediss://ann:s%40crèt@redis.example.org:7000/2' })).toEqual({
    shown: 'rediss://redis.example.org:7000/2',
    options: {
      ...{ host: 'redis.example.org', port: 7000, username: 'ann', password: 's@crèt', db: 2 },
      tls: { servername: 'redis.example.org' },
      maxRetriesPerRequest: null,
    },
  })
  expect(addressOf({ url: 'redis://[::1]:6380' }).options).toMatchObject({ host: '::1', port: 6380 })
})

it.each(['', 'localhost:6379', 'http://:secret@localhost', 'redis://', 'redis://:secret@host/first'])(
  'refuses %j, and repeats nothing of it',
  (url) => {
    const attempt = () => addressOf({ url })
    expect(attempt).toThrow('the queue is no address of a Redis; such are redis://')
    expect(attempt).not.toThrow('secret')
  },
)

it('takes certificates with TLS alone', () => {
  const ca = '-----BEGIN CERTIFICATE-----'
  expect(addressOf({ url: 'rediss://host', ca }).options).toMatchObject({ tls: { ca, servername: 'host' } })
  expect(() => addressOf({ url: 'redis://host', ca })).toThrow('whose address begins with rediss://')
})

it('says in one line that nobody is there, or nobody who understands', async () => {
  await expect(connect({ url: 'redis://:secret@127.0.0.1:1' })).rejects.toMatchObject({
    code: 'queue-unreachable',
    message: 'there is no Redis for the queue: connect ECONNREFUSED 127.0.0.1:1 (redis://127.0.0.1:1)',
  })
  await expect(connect({ url: 'redis://:secret@no-such-host.invalid' })).rejects.toMatchObject({
    code: 'queue-unreachable',
  })
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
  await new Promise((ready) => other.once('listening', ready))
  const { port } = other.address() as { port: number }
  await expect(connect({ url: `redis://:secret@127.0.0.1:${port}` })).rejects.toMatchObject({
    code: 'queue-unreachable',
    message: expect.not.stringContaining('secret') as string,
  })
  await expect(connect({ url: `rediss://:secret@127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'queue-refused' })
  other.close()
})

describe.skipIf(!hasRedis('tests of the connection to a real Redis'))('a Redis with a password', () => {
  let redis: TestRedis
  beforeAll(async () => (redis = await testRedis({ password: 'geheim' })))
  afterAll(() => redis.stop())

  it('lets in who knows it', async () => {
    expect(await connect(redis)).toMatchObject({ shown: `redis://127.0.0.1:${redis.port}`, notes: [] })
    for (const wrong of [redis.url.replace('geheim', 'falsch'), `redis://127.0.0.1:${redis.port}`])
      await expect(connect({ url: wrong })).rejects.toMatchObject({
        code: 'queue-refused',
        message: `the Redis of the queue wants another name or password (redis://127.0.0.1:${redis.port})`,
      })
  })
})

describe.skipIf(!hasRedis('tests of a Redis with TLS') || !hasOpenssl('tests of a Redis with TLS'))(
  'a Redis with TLS',
  () => {
    let redis: TestRedis
    beforeAll(async () => (redis = await testRedis({ password: 'geheim', tls: true })))
    afterAll(() => redis.stop())

    it('lets in who knows its password and who vouches for it', async () => {
      expect(redis.url).toMatch(/^rediss:/)
      expect(await connect(redis)).toMatchObject({ shown: `rediss://127.0.0.1:${redis.port}`, notes: [] })
      await expect(connect({ url: redis.url })).rejects.toMatchObject({
        code: 'queue-refused',
        facts: { certificate: true },
        message: expect.stringMatching(
          /^no secure connection to the Redis of the queue: .*certificate.* \(rediss:/,
        ) as string,
      })
      await expect(connect({ ...redis, url: redis.url.replace('geheim', 'falsch') })).rejects.toMatchObject({
        code: 'queue-refused',
        message: expect.stringMatching(/^the Redis of the queue wants another name or password \(rediss:/) as string,
      })
      const plain = connect({ url: redis.url.replace('rediss', 'redis') })
      await expect(plain).rejects.toMatchObject({
        code: 'queue-unreachable',
        message: expect.stringContaining('is TLS (rediss://) wanted?') as string,
      })
      await expect(plain).rejects.not.toThrow('geheim')
    })
  },
)
